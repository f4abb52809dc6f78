// A link that sets a password once, shown once.
import { Modal } from '@mantine/core';
import { serverUrl } from '../api/client.ts';
import { Copyable } from '../ui/values.tsx';

export type Link = { email: string; token: string; url: string | null };

export function ResetLink({ link, close }: { link: Link; close: () => void }) {
  const url = link.url ?? `${serverUrl('')}#/reset/${link.token}`;
  return (
    <Modal opened onClose={close} title={`A password for ${link.email}`} size="lg">
      <p>Hand this link over yourself. It sets the password once, within an hour, and is not shown again.</p>
      <p className="mono">
        <Copyable text={url} label="the link" />
      </p>
    </Modal>
  );
}
