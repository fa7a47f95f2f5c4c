import { printSpan } from "@kubestack/explain";

/** `+0.2s`, or `-3.0s`: how far another clock is ahead of this machine's. */
export function printOffset(offsetMs: number): string {
  return `${offsetMs < 0 ? "-" : "+"}${printSpan(Math.abs(offsetMs))}`;
}

/** `NATS's clock is 3.0s ahead of this machine's`. */
export function clockSentence(whose: string, offsetMs: number): string {
  const side = offsetMs > 0 ? "ahead of" : "behind";
  return `${whose} clock is ${printSpan(Math.abs(offsetMs))} ${side} this machine's`;
}
