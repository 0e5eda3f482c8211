/** Grey shapes where the page will be, and a word for those who do not see them. */
export function Loading({ what, blocks = 3 }: { what: string; blocks?: number }) {
  return (
    <div role="status" data-testid="loading">
      <span className="sr-only">Loading {what} …</span>
      <div aria-hidden="true" className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {Array.from({ length: blocks }, (_, place) => `block ${place}`).map((block) => (
          <div key={block} className="card p-5">
            <div className="skeleton h-4 w-24" />
            <div className="skeleton mt-4 h-8 w-32" />
            <div className="skeleton mt-4 h-3 w-full" />
            <div className="skeleton mt-2 h-3 w-3/4" />
          </div>
        ))}
      </div>
    </div>
  );
}
