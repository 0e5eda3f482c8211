import { useState } from "react";
import { download } from "@/http/download";
import { sayError } from "@/http/problem";
import { Button } from "@/ui/Button";

/** Saves figures as a file; says so when that failed. */
export function DownloadButton({ path, fileName }: { path: string; fileName: string }) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const save = async () => {
    setBusy(true);
    setFault("");
    try {
      await download(path, fileName);
    } catch (error) {
      setFault(`The file could not be saved. ${sayError(error)}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <Button icon="download" busy={busy} onClick={() => void save()}>
        {busy ? "Preparing …" : "Download CSV"}
      </Button>
      <p role="alert" className="max-w-60 text-sm text-bad [&:not(:empty)]:mt-1">
        {fault}
      </p>
    </div>
  );
}
