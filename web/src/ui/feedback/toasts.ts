// Short messages at the foot of the page, with an action to take back what was done. Holds what is shown; Toasts draws it.
import { useSyncExternalStore } from 'react';

export type ToastAction = { label: string; run: () => void };
export type Toast = { id: number; text: string; bad: boolean; actions: ToastAction[] };

let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();
const changed = () => {
  for (const listener of listeners) listener();
};

export function dismiss(id: number): void {
  toasts = toasts.filter((one) => one.id !== id);
  changed();
}

export function toast(text: string, more: { bad?: boolean; actions?: (ToastAction | undefined)[] } = {}): void {
  last += 1;
  const id = last;
  const clipped = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  const actions = (more.actions ?? []).filter((one) => one !== undefined);
  toasts = [...toasts.slice(-2), { id, text: clipped, bad: more.bad ?? false, actions }];
  changed();
  setTimeout(() => dismiss(id), actions.length > 0 || more.bad ? 10_000 : 2_500);
}

export const useToasts = (): Toast[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
