// Catches what a room throws while it is drawn, so that one bad value never blanks the page: says what happened, and offers to reload.
import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { ApiError, lastRequestId } from '../../api/client.ts';
import { connection } from '../../api/connection.ts';
import { isMissingPart, partMissing, reload } from '../../api/version.ts';
import { ErrorState } from './states.tsx';

type Props = { /** Another address is another try. */ address: string; children: ReactNode };
type State = { error: unknown; address: string };

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, address: this.props.address };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error ?? new Error('Nothing is known of it.') };
  }

  static getDerivedStateFromProps({ address }: Props, state: State): Partial<State> | null {
    return address === state.address ? null : { error: null, address };
  }

  override componentDidCatch(error: unknown) {
    if (isMissingPart(error)) partMissing();
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    if (isMissingPart(error)) return <MissingPart />;
    const message = error instanceof Error ? error.message : String(error);
    // What can't be drawn has mostly just been read: its request is the one to look for in the server's log.
    const fault = error instanceof ApiError ? error : new ApiError(`This can't be shown: ${message}`, 'INTERNAL', lastRequestId());
    return (
      <ErrorState error={fault}>
        <Button onClick={reload}>Reload</Button>
      </ErrorState>
    );
  }
}

/** A part that isn't loaded yet: it comes when the server does, or with its new version. */
function MissingPart() {
  const away = connection() === 'offline';
  const fault = away
    ? new ApiError('This part of the page is not loaded yet. It comes by itself when the server is back.', 'OFFLINE')
    : new ApiError('This part of the page belongs to an earlier version. Reload to get the new one.', 'NEW_VERSION');
  return (
    <ErrorState error={fault}>
      <Button onClick={reload}>Reload</Button>
    </ErrorState>
  );
}
