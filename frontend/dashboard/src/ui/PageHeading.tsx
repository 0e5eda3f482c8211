import { type ReactNode, useEffect, useRef } from "react";

let isFirst = true;

/** The heading of a page; names the document, and takes the focus when a person has come by a link. */
export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Pulseboard`;
  }, [title]);
  useEffect(() => {
    if (isFirst) isFirst = false;
    else ref.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="min-w-0">
      <h1 ref={ref} tabIndex={-1} className="text-2xl font-semibold tracking-tight outline-none">
        {title}
      </h1>
      {children && <div className="mt-1 text-sm text-muted">{children}</div>}
    </div>
  );
}
