import { Component, type ErrorInfo, type ReactNode } from "react";
import { Banner } from "./Banner";
import { Button } from "./Button";

interface Props {
  /** What it is that may fail, for the message: "This page", "The chart". */
  what: string;
  /** The whole page is in it, so the message needs the page's heading. */
  isPage?: boolean;
  children: ReactNode;
}

interface State {
  reportId: string | null;
  isPartMissing: boolean;
}

/** What browsers say when a part of the program cannot be loaded, such as after a new version. */
const PART_MISSING = /dynamically imported module|importing a module script|preload css/i;

/**
 * Keeps a component that throws from taking the rest of the page with it. The report id stands in
 * the browser's console beside the error, so that a screenshot and a log can be brought together.
 */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { reportId: null, isPartMissing: false };

  static getDerivedStateFromError(error: unknown): State {
    return { reportId: makeReportId(), isPartMissing: PART_MISSING.test(String(error)) };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error(
      `Report ${this.state.reportId}: ${this.props.what} failed.`,
      error,
      info.componentStack,
    );
  }

  override render(): ReactNode {
    if (this.state.reportId === null) return this.props.children;
    return (
      <>
        {this.props.isPage && <h1 className="sr-only">Something went wrong</h1>}
        {this.message()}
      </>
    );
  }

  private message(): ReactNode {
    if (this.state.isPartMissing) {
      return (
        <div role="alert" data-testid="part-missing">
          <Banner
            kind="warn"
            title={`${this.props.what} could not be loaded`}
            action={<Button onClick={() => window.location.reload()}>Load anew</Button>}
          >
            There may be a new version, or no connection.
          </Banner>
        </div>
      );
    }
    return (
      <div role="alert" data-testid="crashed">
        <Banner
          kind="bad"
          title={`${this.props.what} could not be shown`}
          action={
            <Button onClick={() => this.setState({ reportId: null, isPartMissing: false })}>
              Show again
            </Button>
          }
        >
          <p>
            The rest works on. If it happens again, tell your administrator this report id:{" "}
            <code className="font-mono font-semibold" data-testid="report-id">
              {this.state.reportId}
            </code>
          </p>
        </Banner>
      </div>
    );
  }
}

/** Ten characters that can be read out over a telephone. */
function makeReportId(): string {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  return [...bytes].map((byte) => letters[byte % letters.length]).join("");
}
