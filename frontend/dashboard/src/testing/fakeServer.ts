import { vi } from "vitest";

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
  headers: Headers;
  body: unknown;
}

type Answer = Response | Promise<Response>;
type Answerer = (asked: Asked) => Answer;

/** In place of the network: answers by path, and remembers what it was asked. */
export class FakeServer {
  readonly asked: Asked[] = [];
  private readonly answerers = new Map<string, Answerer>();
  private isDown = false;

  constructor() {
    vi.stubGlobal("fetch", (path: string, init: RequestInit = {}) => this.answer(path, init));
  }

  /** @param path without a query; an exact one with a query goes first */
  on(path: string, answerer: Answerer | Response): void {
    this.answerers.set(path, typeof answerer === "function" ? answerer : () => answerer.clone());
  }

  down(isDown = true): void {
    this.isDown = isDown;
  }

  /** Requests for a path, without regard to the query. */
  askedFor(path: string): Asked[] {
    return this.asked.filter((request) => request.path.split("?")[0] === path);
  }

  private async answer(path: string, init: RequestInit): Promise<Response> {
    const request: Asked = {
      method: init.method ?? "GET",
      path,
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    this.asked.push(request);
    if (this.isDown) throw new TypeError("Failed to fetch");
    const answerer = this.answerers.get(path) ?? this.answerers.get(path.split("?")[0] ?? "");
    if (!answerer) return problem(404, "not-found", "There is no such thing.");
    return answerer(request);
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

export function problem(
  status: number,
  code: string,
  detail: string,
  more: { errors?: { field: string; reason: string }[]; headers?: Record<string, string> } = {},
): Response {
  const body = {
    type: `/api/problems/#${code}`,
    status,
    detail,
    request_id: "r-12345678",
    ...(more.errors ? { errors: more.errors } : {}),
  };
  return json(body, status, more.headers);
}

/** Figures with their stamp. */
export function stamped(
  body: unknown,
  stamp: { age?: number; refresh?: number; status?: string; etag?: string; total?: number } = {},
): Response {
  return json(body, 200, stampOf(stamp));
}

export function unchanged(stamp: Parameters<typeof stamped>[1] = {}): Response {
  return new Response(null, { status: 304, headers: stampOf(stamp) });
}

function stampOf({
  age = 5,
  refresh = 1,
  status = "fresh",
  etag,
  total,
}: NonNullable<Parameters<typeof stamped>[1]>): Record<string, string> {
  return {
    "X-Refresh-Id": String(refresh),
    "X-Computed-At": "2026-02-10T07:35:00Z",
    "X-Data-Freshness-Seconds": String(age),
    "X-Data-Status": status,
    ...(etag ? { ETag: etag } : {}),
    ...(total === undefined ? {} : { "X-Total-Count": String(total) }),
  };
}

/** As a token looks; nobody here checks the signature. */
export function accessToken(
  claims: { user_id?: string; seconds?: number; serial?: number } = {},
): string {
  const { user_id = "1", seconds = 900, serial = 0 } = claims;
  const payload = btoa(JSON.stringify({ user_id, iat: 1000, exp: 1000 + seconds, serial }));
  return `header.${payload}.signature`;
}
