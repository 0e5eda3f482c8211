import { useEffect } from "react";
import { Logo } from "@/app/Logo";
import { SignInForm } from "./SignInForm";

export function SignInPage() {
  useEffect(() => {
    document.title = "Sign in · Pulseboard";
  }, []);
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <Logo />
        <h1 className="mt-8 text-2xl font-semibold tracking-tight">Sign in</h1>
        <p className="mt-1 mb-6 text-muted">
          See how your team’s learning goes, or go on learning.
        </p>
        <div className="card p-5 sm:p-6">
          <SignInForm />
        </div>
      </div>
    </main>
  );
}
