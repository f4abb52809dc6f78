// Renaming a model, and deleting it after a question.
import { ActionIcon, Menu } from '@mantine/core';
import { useState } from 'react';
import { DeleteRegisteredModelDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { plural } from '../../format.ts';
import { go, to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../../ui/feedback/confirm.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Rename } from './rename-model.tsx';

export function ModelActions({ name, versions }: { name: string; versions: number }) {
  const team = useTeam();
  const act = useAct();
  const confirm = useConfirm();
  const [renaming, setRenaming] = useState(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label="Actions on this model">
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setRenaming(true)}>Rename</Menu.Item>
          <Menu.Item
            onClick={() =>
              confirm.ask({
                title: `Delete ${name} for good?`,
                text: `Its ${plural(versions, 'version')} and aliases go with it. Runs and their files stay.`,
                verb: 'Delete the model',
                run: async () => {
                  if (
                    await act(() => ask(DeleteRegisteredModelDocument, { team: team.slug, name }), {
                      done: 'Deleted',
                      again: [queryKeys.models(team.slug)],
                    })
                  )
                    go(to('t', team.slug, 'models'));
                },
              })
            }
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {renaming && <Rename name={name} close={() => setRenaming(false)} />}
      <Confirm of={confirm} />
    </>
  );
}
