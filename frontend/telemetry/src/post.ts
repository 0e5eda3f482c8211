import type { Pulse } from "./api.ts";
import type { Ports } from "./ports.ts";
import { type Reply, retryAfterMs } from "./reply.ts";

const LONGEST_REQUEST_MS = 30_000;
/** The server takes 500 pulses and 262,144 bytes. */
export const MOST_PULSES = 500;
export const MOST_BYTES = 250_000;
/** Browsers take 65,536 bytes at a time from a page that is going away. */
export const MOST_BYTES_AT_LEAVING = 60_000;
/** What stands in a body beside its pulses. */
const ENVELOPE_BYTES = 100;

/** As many of the first pulses as fit into one request. */
export function fitting(pulses: readonly Pulse[], bytes: number): Pulse[] {
  let size = ENVELOPE_BYTES;
  const end = pulses.findIndex((pulse, index) => {
    // All of it is ASCII: numbers, ids, times.
    size += JSON.stringify(pulse).length + 1;
    return index > 0 && (size > bytes || index >= MOST_PULSES);
  });
  return pulses.slice(0, end < 0 ? pulses.length : end);
}

/** Send pulses. Does not reject: what goes wrong is a reply of status 0. */
export async function post(
  ports: Ports,
  url: string,
  token: string,
  pulses: readonly Pulse[],
  keepalive = false,
): Promise<Reply> {
  const abort = new AbortController();
  const callOff = ports.after(LONGEST_REQUEST_MS, () => abort.abort());
  try {
    const response = await ports.fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ sent_at: new Date(ports.now()).toISOString(), pulses }),
      keepalive,
      signal: abort.signal,
    });
    return {
      status: response.status,
      body: await response.json().catch(() => undefined),
      retryAfter: retryAfterMs(response.headers, ports.now()),
      why: `HTTP ${response.status}`,
    };
  } catch (error) {
    return { status: 0, retryAfter: 0, why: String(error) };
  } finally {
    callOff();
  }
}
