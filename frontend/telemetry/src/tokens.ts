import type { TelemetryOptions } from "./api.ts";
import type { Ports } from "./ports.ts";
import { within } from "./within.ts";

/** The caller may have to ask a server or a person. */
const PATIENCE_MS = 30_000;

type Token = string | null;

/** The access tokens of one user; those of others are as good as none. */
export interface Tokens {
  /** Rejects as the caller's function does, or when it takes too long. */
  current(): Promise<Token>;
  /** After `bad` was refused: what came in its place meanwhile, else a refreshed one. */
  after(bad: string): Promise<Token>;
  /** The token to be had without waiting, as while a page goes away. */
  atOnce(): Token;
}

export function createTokens(
  options: Pick<TelemetryOptions, "userId" | "getToken" | "refreshToken">,
  ports: Pick<Ports, "after">,
): Tokens {
  let last: Token = null;

  function own(token: Token | undefined): Token {
    const user = token && userIn(token);
    last = token && (user === null || user === String(options.userId)) ? token : null;
    return last;
  }

  async function ask(source: "getToken" | "refreshToken"): Promise<Token> {
    return own(await within(ports, PATIENCE_MS, options[source]?.()));
  }

  return {
    current: () => ask("getToken"),
    async after(bad) {
      const current = await ask("getToken");
      return current === bad ? ask("refreshToken") : current;
    },
    atOnce() {
      const token = options.getToken();
      if (!token || typeof token === "string") return own(token);
      token.catch(() => {});
      return last;
    },
  };
}

/** Whose token it is, if it is a JWT that says so in `user_id`. */
function userIn(token: string): string | null {
  try {
    const payload = (token.split(".")[1] as string).replaceAll("-", "+").replaceAll("_", "/");
    return String(JSON.parse(atob(payload)).user_id ?? "") || null;
  } catch {
    return null;
  }
}
