import { session } from "@/session/session";
import type { Sending } from "./transport";

/** What an address answers, in the name of who is signed in. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await session.send(path, { signal })).json()) as T;
}

/** Sends a body and gives the answer. */
export async function postJson<T>(
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const sending: Sending = { method: "POST", body, headers };
  return (await (await session.send(path, sending)).json()) as T;
}
