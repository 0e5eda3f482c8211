import { Problem, Unreachable } from "./problem";

/** Above what a slow answer takes, and below what a person waits for without a word. */
const ANSWER_SECONDS = 20;

export interface Sending {
  method?: "GET" | "POST";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  token?: string | null;
}

/**
 * One request to the API. Resolves with a success or a 304.
 *
 * @throws Problem when the server refused, Unreachable when no answer came in time. An abort by
 *   the caller's signal is passed on as it is.
 */
export async function transmit(path: string, sending: Sending = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...sending.headers };
  if (sending.token) headers.Authorization = `Bearer ${sending.token}`;
  if (sending.body !== undefined) headers["Content-Type"] = "application/json";

  const deadline = AbortSignal.timeout(ANSWER_SECONDS * 1000);
  let response: Response;
  try {
    response = await fetch(path, {
      method: sending.method ?? "GET",
      headers,
      // The browser's own cache would turn a 304 into a 200 that looks new.
      cache: "no-store",
      credentials: "same-origin",
      signal: sending.signal ? AbortSignal.any([sending.signal, deadline]) : deadline,
      ...(sending.body === undefined ? {} : { body: JSON.stringify(sending.body) }),
    });
  } catch (error) {
    if (sending.signal?.aborted) throw error;
    throw new Unreachable(deadline.aborted);
  }
  if (response.ok || response.status === 304) return response;
  throw await Problem.of(response);
}
