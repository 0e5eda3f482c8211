import { Link } from "wouter";
import { RiskBadge, StatusBadge } from "@/analytics/marks";
import type { LearnerRow } from "@/analytics/types";
import { sayCount, sayDateTimeZone, sayMinutes, sayNumber, saySince } from "@/ui/format";
import { Icon } from "@/ui/Icon";
import { Meter } from "@/ui/Meter";
import { COLUMNS, type Column } from "./columns";

interface Props {
  rows: readonly LearnerRow[];
  /** A field; with a minus in front, descending. */
  ordering: string;
  onOrder: (ordering: string) => void;
}

export function LearnerTable({ rows, ordering, onOrder }: Props) {
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">Learners with their risk, engagement and last activity</caption>
      <thead className="bg-raised text-muted">
        <tr>
          {COLUMNS.map((column) => (
            <SortHeader key={column.field} column={column} ordering={ordering} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function SortHeader({
  column,
  ordering,
  onOrder,
}: { column: Column } & Pick<Props, "ordering" | "onOrder">) {
  const { field, title, isNumber, descendsFirst, shown } = column;
  const direction =
    ordering === field ? "ascending" : ordering === `-${field}` ? "descending" : undefined;
  const next =
    direction === undefined
      ? descendsFirst
        ? `-${field}`
        : field
      : direction === "ascending"
        ? `-${field}`
        : field;
  return (
    <th
      scope="col"
      aria-sort={direction}
      className={`px-2 py-1 font-medium first:pl-4 last:pr-4 ${shown} ${isNumber ? "text-right" : ""}`}
    >
      <button
        type="button"
        onClick={() => onOrder(next)}
        className={`inline-flex min-h-8 items-center gap-1 rounded px-1 hover:text-ink ${direction ? "text-ink" : ""} ${isNumber ? "-mr-1" : "-ml-1"}`}
      >
        {title}
        {direction && (
          <Icon name={direction === "ascending" ? "up" : "down"} className="size-3.5" />
        )}
      </button>
    </th>
  );
}

function Row({ row }: { row: LearnerRow }) {
  const since = row.last_active === null ? "never" : saySince(row.last_active, row.computed_at);
  return (
    <tr className="border-t border-line transition-colors hover:bg-raised">
      <th scope="row" className="px-2 py-2.5 pl-4 font-normal">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link
            href={`/learners/${row.id}`}
            className="rounded font-medium text-accent hover:underline"
          >
            {row.full_name || row.username}
          </Link>
          <StatusBadge status={row.status} />
          <span className="sm:hidden">
            <RiskBadge level={row.risk_level} full />
          </span>
        </div>
        <span className="text-muted">
          {row.full_name && row.username}
          <span className="lg:hidden"> · {since}</span>
          <span className="md:hidden">
            {" "}
            · {row.modules_completed} completed · {sayMinutes(row.total_focus_mins)}
          </span>
        </span>
      </th>
      <td className="px-2 py-2.5 max-sm:hidden">
        <RiskBadge level={row.risk_level} />
      </td>
      <td className="px-2 py-2.5 text-right tabular-nums">
        <div className="flex items-center justify-end gap-2.5">
          <Meter
            percent={row.engagement_score}
            label={`Engagement of ${row.full_name || row.username}`}
            className="w-16 max-sm:hidden"
          />
          <span className="w-9">{sayNumber(row.engagement_score)}</span>
        </div>
      </td>
      <td className="px-2 py-2.5 text-right tabular-nums max-md:hidden">
        {sayCount(row.modules_completed)}
      </td>
      <td className="px-2 py-2.5 text-right tabular-nums max-xl:hidden">
        {sayCount(row.modules_in_progress)}
      </td>
      <td className="px-2 py-2.5 text-right whitespace-nowrap tabular-nums max-md:hidden">
        {sayMinutes(row.total_focus_mins)}
      </td>
      <td className="px-2 py-2.5 pr-4 whitespace-nowrap max-lg:hidden">
        {row.last_active === null ? (
          <span className="text-muted">never</span>
        ) : (
          <time dateTime={row.last_active} title={sayDateTimeZone(row.last_active)}>
            {since}
          </time>
        )}
      </td>
    </tr>
  );
}
