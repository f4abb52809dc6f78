// Changes: asked once, told about at the foot of the page, and what they touch is read again.
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { ApiError } from '../../api/client.ts';
import { type ToastAction, toast } from './toasts.ts';

/** `offer`: what a fault that is told can be answered with. */
type After<R> = {
  offer?: (error: unknown) => ToastAction | undefined;
  done?: string | ((result: R) => string);
  undo?: () => Promise<unknown>;
  again?: readonly (readonly unknown[])[];
};

export function sayFault(error: unknown, action?: ToastAction): void {
  const fault = error instanceof ApiError ? error : null;
  toast(`${error instanceof Error ? error.message : String(error)}${fault?.requestId ? ` (request ${fault.requestId})` : ''}`, {
    bad: true,
    actions: [action],
  });
}

/** `act(work, {done, undo, again})`: the result, or null where it failed and the person was told. */
export function useAct() {
  const queries = useQueryClient();
  return useCallback(
    async <R>(work: () => Promise<R>, { done, undo, again = [], offer }: After<R> = {}): Promise<R | null> => {
      const refresh = () => Promise.all(again.map((queryKey) => queries.invalidateQueries({ queryKey })));
      try {
        const result = await work();
        await refresh();
        if (done) {
          const takeBack = undo && { label: 'Undo', run: () => void undo().then(refresh, (error: unknown) => sayFault(error)) };
          toast(typeof done === 'string' ? done : done(result), { actions: [takeBack] });
        }
        return result;
      } catch (error) {
        sayFault(error, offer?.(error));
        return null;
      }
    },
    [queries],
  );
}
