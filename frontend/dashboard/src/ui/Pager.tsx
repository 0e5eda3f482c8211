import { Button } from "./Button";
import { sayCount } from "./format";

interface Props {
  page: number;
  pageSize: number;
  total: number;
  /** What is listed: "learners". */
  what: string;
  onPage: (page: number) => void;
}

/** Where one is in a long list, and the way to the rest of it. */
export function Pager({ page, pageSize, total, what, onPage }: Props) {
  const last = Math.max(1, Math.ceil(total / pageSize));
  const from = Math.min((page - 1) * pageSize + 1, total);
  const to = Math.min(page * pageSize, total);
  return (
    <nav
      aria-label={`Pages of ${what}`}
      className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-4 py-3"
    >
      <p className="text-sm text-muted tabular-nums" data-testid="page-range">
        {page > last
          ? `Past the last page of ${sayCount(last)}`
          : `${sayCount(from)}–${sayCount(to)} of ${sayCount(total)}`}
      </p>
      {last > 1 && (
        <div className="flex items-center gap-2 print:hidden">
          <Button icon="left" disabled={page <= 1} onClick={() => onPage(Math.min(page - 1, last))}>
            Previous
          </Button>
          <span className="text-sm text-muted tabular-nums max-sm:hidden">
            Page {sayCount(page)} of {sayCount(last)}
          </span>
          <Button disabled={page >= last} onClick={() => onPage(page + 1)}>
            Next
          </Button>
        </div>
      )}
    </nav>
  );
}
