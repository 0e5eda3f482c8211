/** One field of a request and what is wrong with it, as in the member `errors` of a problem. */
export interface FieldError {
  field: string;
  reason: string;
}

/** What the server answered instead of data: an RFC 9457 document, or what can be said without one. */
export class Problem extends Error {
  readonly status: number;
  /** The part of the type after `#`, such as `not-computed`. */
  readonly code: string;
  readonly errors: readonly FieldError[];
  readonly requestId: string | null;
  /** Seconds to wait before the next try, where the server named them. */
  readonly retryAfter: number | null;

  constructor(fields: {
    status: number;
    code: string;
    message: string;
    errors?: readonly FieldError[];
    requestId?: string | null;
    retryAfter?: number | null;
  }) {
    super(fields.message);
    this.name = "Problem";
    this.status = fields.status;
    this.code = fields.code;
    this.errors = fields.errors ?? [];
    this.requestId = fields.requestId ?? null;
    this.retryAfter = fields.retryAfter ?? null;
  }

  /** Reads the problem out of an answer that is not a success. */
  static async of(response: Response): Promise<Problem> {
    const body = await bodyOf(response);
    const type = typeof body.type === "string" ? body.type : "";
    return new Problem({
      status: response.status,
      code: type.split("#")[1] ?? "unknown",
      message:
        typeof body.detail === "string" && body.detail ? body.detail : sayStatus(response.status),
      errors: Array.isArray(body.errors) ? body.errors.filter(isFieldError) : [],
      requestId:
        typeof body.request_id === "string"
          ? body.request_id
          : response.headers.get("X-Request-ID"),
      retryAfter: secondsOf(response.headers.get("Retry-After")),
    });
  }
}

/** No answer came: no connection, or none in time. */
export class Unreachable extends Error {
  readonly timedOut: boolean;

  constructor(timedOut: boolean) {
    super(
      timedOut
        ? "The server did not answer in time."
        : "The server cannot be reached. Check the connection.",
    );
    this.name = "Unreachable";
    this.timedOut = timedOut;
  }
}

/** The session is over; the person has to sign in again. */
export class SignedOut extends Error {
  constructor() {
    super("The session has expired. Sign in again to go on.");
    this.name = "SignedOut";
  }
}

/** A sentence for people about anything that was thrown. */
export function sayError(error: unknown): string {
  if (error instanceof Problem) {
    if (error.code === "not-computed") return "The figures have not been computed yet.";
    if (error.status === 429) return `${error.message} ${sayRetry(error.retryAfter)}`.trim();
    if (error.status >= 500 && error.requestId) {
      return `${error.message} Request ${error.requestId}.`;
    }
    return error.message;
  }
  return error instanceof Error ? error.message : "Something went wrong.";
}

function sayRetry(seconds: number | null): string {
  if (seconds === null) return "";
  return seconds < 90
    ? `Try again in ${seconds} seconds.`
    : `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // A proxy's page, or nothing: the status has to do.
  }
}

function isFieldError(value: unknown): value is FieldError {
  if (typeof value !== "object" || value === null) return false;
  const { field, reason } = value as Record<string, unknown>;
  return typeof field === "string" && typeof reason === "string";
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header);
  return header !== null && header !== "" && Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function sayStatus(status: number): string {
  if (status >= 500) return `The server cannot answer at the moment (${status}).`;
  return `The server refused the request (${status}).`;
}
