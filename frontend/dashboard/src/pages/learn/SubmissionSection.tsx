import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { postJson } from "@/http/json";
import { useIdempotencyKey } from "@/http/useIdempotencyKey";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { FormFault } from "@/ui/FormFault";
import { sayDateTime } from "@/ui/format";
import { useForm } from "@/ui/useForm";

export function SubmissionSection({ module }: { module: number }) {
  const client = useQueryClient();
  const { keyFor, spend } = useIdempotencyKey();
  const [text, setText] = useState("");
  const [url, setUrl] = useState("");
  const [submittedAt, setSubmittedAt] = useState<string | null>(null);

  const { faults, fault, sending, ref, onSubmit } = useForm(
    ["text", "url"],
    () =>
      text.trim() || url.trim() ? {} : { text: "write something here, or give an address below" },
    async () => {
      const body = { ...(text.trim() ? { text } : {}), ...(url.trim() ? { url: url.trim() } : {}) };
      const answer = await postJson<{ submitted_at: string }>(
        `/api/modules/${module}/assignment/submissions/`,
        body,
        { "Idempotency-Key": keyFor(body) },
      );
      spend();
      setSubmittedAt(answer.submitted_at);
      setText("");
      setUrl("");
      void client.invalidateQueries({ queryKey: ["module", module] });
      void client.invalidateQueries({ queryKey: ["modules"] });
    },
  );

  return (
    <Card title="Assignment" hint="Hand in a text, an address, or both. You may hand in again.">
      <div role="status" data-testid="submission-outcome" className="[&:not(:empty)]:mb-4">
        {submittedAt && <Banner kind="good" title={`Handed in on ${sayDateTime(submittedAt)}`} />}
      </div>
      <form ref={ref} onSubmit={onSubmit} noValidate className="grid gap-4" aria-label="Assignment">
        <FormFault title="It was not handed in" fault={fault} />
        <Field label="Text" error={faults.text}>
          {(field) => (
            <textarea
              {...field}
              className="field"
              rows={5}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        <Field label="Address" error={faults.url} hint="Begins with https:// or http://">
          {(field) => (
            <input
              {...field}
              className="field"
              type="url"
              inputMode="url"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
        <Button kind="primary" type="submit" busy={sending} className="w-fit">
          {sending ? "Handing in …" : "Hand in"}
        </Button>
      </form>
    </Card>
  );
}
