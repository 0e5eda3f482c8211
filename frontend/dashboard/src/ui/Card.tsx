import { type ReactNode, useId } from "react";
import { ErrorBoundary } from "./ErrorBoundary";

interface Props {
  title: string;
  hint?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A part of a page under its own heading. */
export function Card({ title, hint, aside, children, className = "" }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={`card p-4 sm:p-5 ${className}`}>
      <div className="mb-4 flex flex-wrap items-start justify-between gap-x-4 gap-y-2 break-after-avoid">
        <div className="min-w-0">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {hint && <p className="mt-0.5 text-sm text-muted">{hint}</p>}
        </div>
        {aside}
      </div>
      <ErrorBoundary what={`“${title}”`}>{children}</ErrorBoundary>
    </section>
  );
}
