import { type Me, type Role, session } from "@/session/session";
import { accessToken, type FakeServer, json } from "./fakeServer";

export const meOf = (role: Role): Me => ({
  id: 1,
  username: "sam",
  full_name: "Sam Example",
  role,
  team: "Default team",
  modules_completed: 0,
  modules_in_progress: 0,
  total_focus_mins: 0,
});

/** Signs in at the fake server, which then answers refreshes as well. */
export async function signIn(server: FakeServer, role: Role = "manager"): Promise<void> {
  server.on("/api/auth/token/", () => json({ access: accessToken() }));
  server.on("/api/auth/token/refresh/", () => json({ access: accessToken({ serial: 1 }) }));
  server.on("/api/auth/logout/", () => new Response(null, { status: 204 }));
  server.on("/api/me/", () => json(meOf(role)));
  await session.signIn("sam", "secret");
  server.asked.length = 0;
}
