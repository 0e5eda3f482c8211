import { type ReactNode, useId } from "react";

export interface FieldProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  "aria-required": true | undefined;
}

interface Props {
  label: string;
  hint?: ReactNode;
  /** What is wrong with what was typed. */
  error?: string | undefined;
  required?: boolean;
  hideLabel?: boolean;
  children: (props: FieldProps) => ReactNode;
  className?: string;
}

/** A field with its label, its hint and its fault, tied together for those who hear them. */
export function Field({
  label,
  hint,
  error,
  required,
  hideLabel,
  children,
  className = "",
}: Props) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""]
    .filter(Boolean)
    .join(" ");
  return (
    <div className={className}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "mb-1 block text-sm font-medium"}>
        {label}
        {!required || hideLabel ? null : (
          <span className="font-normal text-muted"> (required)</span>
        )}
      </label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? true : undefined,
        "aria-required": required ? true : undefined,
      })}
      {hint && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="mt-1 text-sm font-medium text-bad">
          {label}: {error}
        </p>
      )}
    </div>
  );
}
