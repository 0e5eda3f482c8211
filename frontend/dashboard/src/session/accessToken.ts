/** What the page needs to know of an access token. It is the server that checks it. */
export interface AccessToken {
  value: string;
  /** Whose it is, as the token says. */
  userId: string;
  /** On the clock of `performance.now()`, in milliseconds. */
  renewAt: number;
}

/** A token is renewed this long before it ends, so that no request is refused in between. */
const MARGIN_SECONDS = 30;

/** Reads a token as it is received; its lifetime is taken from itself, not from this clock. */
export function readAccessToken(value: string): AccessToken {
  const claims = claimsOf(value);
  const lifetime = Number(claims.exp) - Number(claims.iat);
  const usable = Number.isFinite(lifetime) ? Math.max(lifetime - MARGIN_SECONDS, lifetime / 2) : 60;
  return {
    value,
    userId: String(claims.user_id ?? ""),
    renewAt: performance.now() + usable * 1000,
  };
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const claims: unknown = JSON.parse(atob(payload));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
