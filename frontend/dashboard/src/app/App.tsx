import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { figures } from "@/analytics/client";
import { sayError } from "@/http/problem";
import { AuditPage } from "@/pages/AuditPage";
import { LearnerPage } from "@/pages/LearnerPage";
import { LearnersPage } from "@/pages/LearnersPage";
import { LearnModulePage } from "@/pages/LearnModulePage";
import { LearnPage } from "@/pages/LearnPage";
import { OverviewPage } from "@/pages/OverviewPage";
import { SessionExpired } from "@/session/SessionExpired";
import { SignInPage } from "@/session/SignInPage";
import { type Role, session } from "@/session/session";
import { useSession } from "@/session/useSession";
import { Banner } from "@/ui/Banner";
import { Button } from "@/ui/Button";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { Loading } from "@/ui/Loading";
import { Layout } from "./Layout";
import { NotFoundPage } from "./NotFoundPage";

/** An id in an address; the server's are at most 18 digits, and only 15 are safe in a number. */
const ID = /^\d{1,15}$/;

const home = (role: Role): string => (role === "learner" ? "/learn" : "/overview");

export function App() {
  const state = useSession();
  const [path] = useLocation();
  const search = useSearch();
  const client = useQueryClient();
  const { phase } = state;

  useEffect(() => {
    if (phase !== "signed-out") return;
    client.clear();
    figures.forget();
  }, [phase, client]);

  useEffect(() => {
    // What was refused while the session was over is asked for again.
    if (phase === "signed-in") void client.refetchQueries({ type: "active", stale: true });
  }, [phase, client]);

  if (state.phase === "starting") {
    return (
      <main className="mx-auto max-w-5xl p-6">
        <Loading what="Pulseboard" />
      </main>
    );
  }
  if (state.phase === "unreachable") {
    return (
      <main className="mx-auto max-w-xl p-6" role="alert">
        <Banner
          kind="bad"
          title="Pulseboard cannot be reached"
          testId="unreachable"
          action={<Button onClick={() => void session.start()}>Try again</Button>}
        >
          {sayError(state.error)}
        </Banner>
      </main>
    );
  }
  if (state.phase === "signed-out") {
    if (path === "/sign-in") return <SignInPage />;
    const here = path + (search ? `?${search}` : "");
    return (
      <Redirect
        replace
        to={here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`}
      />
    );
  }

  const { role } = state.me;
  return (
    <>
      <Layout>
        <ErrorBoundary key={path} what="This page" isPage>
          <Switch>
            <Route path="/">
              <Redirect replace to={home(role)} />
            </Route>
            <Route path="/sign-in">
              <Redirect replace to={safeNext(search) ?? home(role)} />
            </Route>
            <Route path="/learn" component={LearnPage} />
            <Route path="/learn/:id">
              {({ id }) =>
                ID.test(id) ? <LearnModulePage key={id} id={Number(id)} /> : <NotFoundPage />
              }
            </Route>
            {role !== "learner" && <Route path="/overview" component={OverviewPage} />}
            {role !== "learner" && <Route path="/learners" component={LearnersPage} />}
            {role !== "learner" && (
              <Route path="/learners/:id">
                {({ id }) =>
                  ID.test(id) ? <LearnerPage key={id} id={Number(id)} /> : <NotFoundPage />
                }
              </Route>
            )}
            {role !== "learner" && <Route path="/audit" component={AuditPage} />}
            <Route component={NotFoundPage} />
          </Switch>
        </ErrorBoundary>
      </Layout>
      {phase === "expired" && <SessionExpired me={state.me} />}
    </>
  );
}

/** Where the person wanted to go, if that is a place of this site. */
function safeNext(search: string): string | null {
  const next = new URLSearchParams(search).get("next");
  return next && /^\/[^/\\]/.test(next) && !next.startsWith("/sign-in") ? next : null;
}
