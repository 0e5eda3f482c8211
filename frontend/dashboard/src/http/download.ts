import { session } from "@/session/session";

/**
 * Saves what an address answers as a file. A link would not do: it cannot carry the access token.
 *
 * @param fallback file name, if the server names none
 */
export async function download(path: string, fallback: string): Promise<void> {
  const response = await session.send(path, { headers: { Accept: "text/csv, */*" } });
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = fileNameOf(response.headers.get("Content-Disposition")) ?? fallback;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has to have begun reading.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function fileNameOf(disposition: string | null): string | null {
  return /filename="?([^";]+)"?/.exec(disposition ?? "")?.[1] ?? null;
}
