import { type Reading, readingOf } from "@/polling/freshness";
import type { Session } from "@/session/session";

/** An answer with figures. */
export interface Figures<T> {
  data: T;
  /** Rows in all, on addresses that are paged. */
  total: number | null;
  reading: Reading;
}

interface Kept {
  etag: string;
  data: unknown;
  total: number | null;
}

/** Answers kept for 304; more pages than anybody has open. */
const KEEP = 60;

/**
 * Fetches figures, and transfers them only when they have changed: what came before is kept under
 * its address and shown again at a 304, with the age that the 304 names.
 */
export class FiguresClient {
  private readonly kept = new Map<string, Kept>();

  constructor(private readonly send: Session["send"]) {}

  async get<T>(path: string, signal?: AbortSignal): Promise<Figures<T>> {
    const before = this.kept.get(path);
    const response = await this.send(path, {
      signal,
      ...(before ? { headers: { "If-None-Match": before.etag } } : {}),
    });
    const reading = readingOf(response.headers);
    if (response.status === 304 && before) {
      return { data: before.data as T, total: before.total, reading };
    }
    const data = (await response.json()) as T;
    const count = response.headers.get("X-Total-Count");
    const total = count === null ? null : Number(count);
    this.keep(path, response.headers.get("ETag"), data, total);
    return { data, total, reading };
  }

  /** When somebody else signs in. */
  forget(): void {
    this.kept.clear();
  }

  private keep(path: string, etag: string | null, data: unknown, total: number | null): void {
    this.kept.delete(path);
    if (etag) this.kept.set(path, { etag, data, total });
    const [first] = this.kept.keys();
    if (this.kept.size > KEEP && first !== undefined) this.kept.delete(first);
  }
}
