// What stands where content will be, can't be, or isn't yet.
import { Button, Skeleton } from '@mantine/core';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { Icon } from '../icons.tsx';
import { Copyable } from '../tables/values.tsx';
import { Works } from './progress.tsx';
import css from './states.module.css';
import toastsCss from './toasts.module.css';
import { dismiss, useToasts } from './toasts.ts';

const TITLES: Record<string, string> = {
  OFFLINE: 'No connection',
  NEW_VERSION: 'A new version is here',
  NOT_FOUND: 'Not here',
  FORBIDDEN: 'Not allowed',
  INVALID_ARGUMENT: "That can't be asked",
  LIMIT_EXCEEDED: 'Too much at once',
  UNAUTHENTICATED: 'Signed out',
};

export function ErrorState({ error, again, children }: { error: unknown; again?: () => void; children?: ReactNode }) {
  const fault = error instanceof ApiError ? error : new ApiError(error instanceof Error ? error.message : String(error), 'INTERNAL');
  return (
    <div className={css.state} role="alert">
      <span className={css.bad}>
        <Icon name="warn" size={20} />
      </span>
      <h2>{TITLES[fault.code] ?? 'Something went wrong'}</h2>
      <p>{fault.message}</p>
      {fault.requestId && (
        <p className="dim">
          Request <Copyable text={fault.requestId} label="the request id" />
        </p>
      )}
      {again && (
        <Button variant="default" onClick={again}>
          Try again
        </Button>
      )}
      {children}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.state}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Rows of the final height while content is on its way. */
export function Rows({ count = 12 }: { count?: number }) {
  return (
    <div aria-busy="true" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className={css.rowsLoadingRow}>
          <Skeleton height={10} width={`${20 + ((index * 37) % 25)}%`} />
          <Skeleton height={10} width={`${8 + ((index * 13) % 10)}%`} />
          <Skeleton height={10} width={`${8 + ((index * 29) % 12)}%`} />
        </div>
      ))}
    </div>
  );
}

type Asked<T> = { data: T | undefined; error: unknown; refetch: () => unknown };

/** Loading, error with "try again", or the content. */
export function Loaded<T>({ of, rows = 8, children }: { of: Asked<T>; rows?: number; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <ErrorState error={of.error} again={() => void of.refetch()} />;
  return <Rows count={rows} />;
}

export function Toasts() {
  const toasts = useToasts();
  return (
    <div className={toastsCss.toasts} role="region" aria-label="Messages">
      <Works />
      <div className={toastsCss.toastsSaid} role="status" aria-live="polite">
        {toasts.map(({ id, text, bad, actions }) => (
          <div key={id} className={clsx(toastsCss.toast, bad && toastsCss.bad)}>
            <span>{text}</span>
            {actions.map(({ label, run }) => (
              <button
                key={label}
                type="button"
                onClick={() => {
                  run();
                  dismiss(id);
                }}
              >
                {label}
              </button>
            ))}
            <button type="button" aria-label="Dismiss" onClick={() => dismiss(id)}>
              <Icon name="close" size={12} />
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}
