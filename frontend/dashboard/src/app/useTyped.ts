import { useEffect, useRef, useState } from "react";
import { useAddress } from "./useAddress";

/** While somebody types, the address follows after this pause, in milliseconds. */
const PAUSE = 250;

/**
 * The text of a field that is kept in the address under a name, and what takes what is typed.
 *
 * The list that the address stands for starts anew from its first page.
 */
export function useTyped(name: string): [string, (value: string) => void] {
  const [address, change] = useAddress();
  const inAddress = address.get(name) ?? "";
  const [text, setText] = useState(inAddress);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(inAddress);

  useEffect(() => {
    // Back, forward or a link changed it, not this field.
    if (inAddress !== sent.current) {
      sent.current = inAddress;
      setText(inAddress);
    }
  }, [inAddress]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = value.trim();
      change({ [name]: value.trim(), page: null }, true);
    }, PAUSE);
  };
  return [text, type];
}
