import { useState } from "react";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { FormFault } from "@/ui/FormFault";
import { useForm } from "@/ui/useForm";
import { session } from "./session";

/** @param username of who has to sign in again; without it, whoever comes */
export function SignInForm({ username: known }: { username?: string }) {
  const [username, setUsername] = useState(known ?? "");
  const [password, setPassword] = useState("");

  const { faults, fault, sending, ref, onSubmit } = useForm(
    ["username", "password"],
    () => ({
      ...(username.trim() ? {} : { username: "is required" }),
      ...(password ? {} : { password: "is required" }),
    }),
    () => session.signIn(username.trim(), password),
  );

  return (
    <form ref={ref} onSubmit={onSubmit} noValidate className="grid gap-4" aria-label="Sign in">
      <FormFault title="You are not signed in" fault={fault} />
      <Field label="User name" error={faults.username}>
        {(field) => (
          <input
            {...field}
            className="field"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            readOnly={known !== undefined}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <Field label="Password" error={faults.password}>
        {(field) => (
          <input
            {...field}
            className="field"
            name="password"
            type="password"
            data-first-focus
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button kind="primary" type="submit" busy={sending} className="w-full">
        {sending ? "Signing in …" : "Sign in"}
      </Button>
    </form>
  );
}
