import { Problem, SignedOut } from "@/http/problem";
import { type Sending, transmit } from "@/http/transport";
import { type AccessToken, readAccessToken } from "./accessToken";
import { alone, onSignedOutElsewhere, tellSignedOut } from "./tabs";

export type Role = "learner" | "manager" | "admin";

/** `GET /api/me/` */
export interface Me {
  id: number;
  username: string;
  full_name: string;
  role: Role;
  team: string;
  modules_completed: number;
  modules_in_progress: number;
  total_focus_mins: number;
}

/**
 * - `starting`: it is being found out whether the cookie still stands for somebody
 * - `unreachable`: that could not be found out
 * - `signed-out`
 * - `signed-in`
 * - `expired`: the page and what was typed stay, over them the person signs in again
 */
export type SessionState =
  | { phase: "starting" }
  | { phase: "signed-out" }
  | { phase: "unreachable"; error: unknown }
  | { phase: "signed-in" | "expired"; me: Me };

/**
 * Who is signed in. The access token lives here and nowhere else; the refresh token is in a cookie
 * that no script can read.
 */
export class Session {
  private state: SessionState = { phase: "starting" };
  private token: AccessToken | null = null;
  private renewing: Promise<AccessToken> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly startOver: () => void = () => window.location.assign("/")) {}

  /** Has this tab follow when another one signs out; gives what ends that. */
  followTabs(): () => void {
    return onSignedOutElsewhere(() => this.end());
  }

  readonly getState = (): SessionState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Finds out by the cookie who is signed in. */
  async start(): Promise<void> {
    this.change({ phase: "starting" });
    try {
      this.token = await this.renew();
      await this.meet();
    } catch (error) {
      if (error instanceof SignedOut) this.change({ phase: "signed-out" });
      else this.change({ phase: "unreachable", error });
    }
  }

  /**
   * @throws Problem with the fields that are wrong, or Unreachable; the state stays as it is then.
   */
  async signIn(username: string, password: string): Promise<void> {
    const before = this.state;
    const response = await transmit("/api/auth/token/", {
      method: "POST",
      body: { username, password, cookie: true },
    });
    this.token = readAccessToken(await accessOf(response));
    await this.meet();
    if (before.phase === "expired" && this.state.phase === "signed-in") {
      // Somebody else must not go on in what the first person had open.
      if (this.state.me.id !== before.me.id) this.startOver();
    }
  }

  async signOut(): Promise<void> {
    try {
      await transmit("/api/auth/logout/", { method: "POST", body: {} });
    } finally {
      tellSignedOut();
      this.end();
    }
  }

  /**
   * A request in the name of the person who is signed in. A token that has come to its end is
   * renewed, and the request sent again, once.
   *
   * @throws SignedOut when the session is over; what `transmit` throws.
   */
  readonly send = async (path: string, sending: Sending = {}): Promise<Response> => {
    const token = await this.usableToken();
    try {
      return await transmit(path, { ...sending, token });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
    }
    const renewed = await this.renewedToken(token);
    try {
      return await transmit(path, { ...sending, token: renewed });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      throw this.expire();
    }
  };

  /** The access token, renewed if it is about to end. */
  readonly usableToken = async (): Promise<string> => {
    if (this.token && performance.now() < this.token.renewAt) return this.token.value;
    return this.renewedToken(this.token?.value ?? null);
  };

  /** The token that was last used, whether or not it is still good. */
  readonly tokenInHand = (): string | null => this.token?.value ?? null;

  /** A token other than `used`, which the server has refused. */
  readonly renewedToken = async (used: string | null): Promise<string> => {
    if (this.state.phase === "expired" || this.state.phase === "signed-out") throw new SignedOut();
    if (this.token && this.token.value !== used) return this.token.value;
    try {
      this.token = await this.renew();
    } catch (error) {
      throw error instanceof SignedOut ? this.expire() : error;
    }
    return this.token.value;
  };

  private renew(): Promise<AccessToken> {
    this.renewing ??= alone(() => this.askForToken()).finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async askForToken(): Promise<AccessToken> {
    let response: Response;
    try {
      response = await transmit("/api/auth/token/refresh/", { method: "POST", body: {} });
    } catch (error) {
      if (error instanceof Problem && error.status === 401) throw new SignedOut();
      throw error;
    }
    const token = readAccessToken(await accessOf(response));
    // The cookie is common to all tabs: in another one, somebody else may have signed in.
    if (this.token && this.token.userId !== token.userId) {
      this.startOver();
      throw new SignedOut();
    }
    return token;
  }

  private async meet(): Promise<void> {
    const response = await transmit("/api/me/", { token: this.token?.value ?? null });
    this.change({ phase: "signed-in", me: (await response.json()) as Me });
  }

  private expire(): SignedOut {
    if (this.state.phase === "signed-in") {
      this.token = null;
      this.change({ phase: "expired", me: this.state.me });
    }
    return new SignedOut();
  }

  private end(): void {
    this.token = null;
    this.change({ phase: "signed-out" });
  }

  private change(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

async function accessOf(response: Response): Promise<string> {
  const body = (await response.json()) as { access?: unknown };
  if (typeof body.access !== "string")
    throw new Error("The server's answer holds no access token.");
  return body.access;
}

/** The one of this page. */
export const session = new Session();
