import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { AUDIT_PATH, withQuery } from "@/analytics/endpoints";
import type { AuditEntry } from "@/analytics/types";
import { numberIn, useAddress } from "@/app/useAddress";
import { Problem, SignedOut, sayError } from "@/http/problem";
import { session } from "@/session/session";
import { useMe } from "@/session/useSession";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { sayDateTimeZone } from "@/ui/format";
import { Loading } from "@/ui/Loading";
import { PageHeading } from "@/ui/PageHeading";
import { Pager } from "@/ui/Pager";
import { AuditFilters } from "./audit/AuditFilters";
import { ACTIONS, sayDetail } from "./audit/actions";

const PAGE_SIZE = 50;

/** Who looked at what and changed what, the latest first. */
export function AuditPage() {
  const me = useMe();
  const [address, change] = useAddress();
  const page = Math.max(1, numberIn(address, "page") ?? 1);
  const path = withQuery(AUDIT_PATH, {
    action: address.get("action"),
    actor: address.get("actor"),
    learner: address.get("learner"),
    since: startOf(address.get("since"), 0),
    until: startOf(address.get("until"), 1),
    page: page > 1 ? page : null,
    page_size: PAGE_SIZE,
  });
  const { data, error, isPending, isFetching, refetch } = useQuery({
    queryKey: ["audit", path],
    queryFn: async ({ signal }) => {
      const response = await session.send(path, { signal });
      return {
        rows: (await response.json()) as AuditEntry[],
        total: Number(response.headers.get("X-Total-Count") ?? 0),
      };
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const faults =
    error instanceof Problem
      ? Object.fromEntries(error.errors.map((fault) => [fault.field, fault.reason]))
      : {};

  return (
    <>
      <header className="mb-5 flex flex-wrap items-end justify-between gap-3">
        <PageHeading title="Audit">
          {me.role === "admin"
            ? "What managers and administrators looked at and changed."
            : "What you looked at and changed."}
        </PageHeading>
        <Button
          icon="refresh"
          busy={isFetching}
          className="print:hidden"
          onClick={() => void refetch()}
        >
          {isFetching ? "Loading …" : "Refresh"}
        </Button>
      </header>
      <div role="status" className="[&:not(:empty)]:mb-5">
        {error && !(error instanceof SignedOut) && (
          <Banner
            kind="bad"
            title={data ? "The list could not be updated" : "Could not load the audit"}
            testId="update-failed"
            action={<Button onClick={() => void refetch()}>Try again</Button>}
          >
            {sayError(error)}
          </Banner>
        )}
      </div>
      {isPending && <Loading what="the audit" />}
      {(data || error) && (
        <section aria-label="Audit entries" className="card card-long overflow-hidden">
          <AuditFilters faults={faults} />
          {data && data.rows.length === 0 && <Empty title="No entry matches" icon="audit" />}
          {data && data.rows.length > 0 && <AuditTable rows={data.rows} />}
          {data && (
            <Pager
              page={page}
              pageSize={PAGE_SIZE}
              total={data.total}
              what="the audit"
              onPage={(next) => change({ page: next > 1 ? next : null })}
            />
          )}
        </section>
      )}
    </>
  );
}

function AuditTable({ rows }: { rows: readonly AuditEntry[] }) {
  return (
    <table className="w-full text-left text-sm">
      <caption className="sr-only">Audit entries, the latest first</caption>
      <thead className="bg-raised text-muted">
        <tr>
          <th scope="col" className="px-4 py-2 font-medium max-sm:hidden">
            When
          </th>
          <th scope="col" className="px-2 py-2 font-medium max-sm:hidden">
            Who
          </th>
          <th scope="col" className="px-2 py-2 font-medium max-sm:px-4">
            What
          </th>
          <th scope="col" className="px-4 py-2 font-medium max-xl:hidden">
            Request
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className="border-t border-line align-top">
            <td className="px-4 py-2.5 tabular-nums max-sm:hidden lg:whitespace-nowrap">
              <When row={row} />
            </td>
            <td className="px-2 py-2.5 max-sm:hidden">
              <Actor row={row} />
            </td>
            <td className="px-2 py-2.5 pr-4 max-sm:px-4">
              <span className="block text-muted sm:hidden">
                <When row={row} /> · <Actor row={row} />
              </span>
              <span className="font-medium">{ACTIONS[row.action] ?? row.action}</span>
              {row.learner_id !== null && (
                <>
                  {" · "}
                  <Link className="link" href={`/learners/${row.learner_id}`}>
                    learner {row.learner_id}
                  </Link>
                </>
              )}
              {Object.keys(row.detail ?? {}).length > 0 && (
                <span className="block break-words text-muted">{sayDetail(row.detail)}</span>
              )}
            </td>
            <td className="px-4 py-2.5 font-mono text-xs whitespace-nowrap text-muted max-xl:hidden">
              {row.request_id || "–"}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const When = ({ row }: { row: AuditEntry }) => (
  <time dateTime={row.at}>{sayDateTimeZone(row.at)}</time>
);

/** Leads to all that the same person did. */
function Actor({ row }: { row: AuditEntry }) {
  if (row.actor_id === null) return row.actor || "–";
  return (
    <Link className="link" href={withQuery("/audit", { actor: row.actor_id })}>
      {row.actor || `user ${row.actor_id}`}
    </Link>
  );
}

/** The start of a day of the viewer's, so many days on, as the server wants a time. */
function startOf(day: string | null, later: number): string | null {
  if (!day) return null;
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return day; // The server says what is wrong with it.
  date.setDate(date.getDate() + later);
  return date.toISOString();
}
