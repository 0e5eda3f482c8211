import { Banner } from "./Banner";

/** What is wrong with a form as a whole. Takes the focus when it comes up. */
export function FormFault({ title, fault }: { title: string; fault: string }) {
  return (
    <div role="alert" className="empty:absolute">
      {fault && (
        <div tabIndex={-1} data-form-fault className="rounded-lg">
          <Banner kind="bad" title={title}>
            {fault}
          </Banner>
        </div>
      )}
    </div>
  );
}
