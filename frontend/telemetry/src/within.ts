import type { Ports } from "./ports.ts";

/** What `promise` gives; rejects where that takes longer than `ms`. */
export function within<T>(
  { after }: Pick<Ports, "after">,
  ms: number,
  promise: T | PromiseLike<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const callOff = after(ms, () => reject(new Error(`no answer in ${ms} ms`)));
    Promise.resolve(promise).then(resolve, reject).finally(callOff);
  });
}
