// Making a protection, or changing what one takes.
import { Button, Checkbox, Modal, NumberInput, Select } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { CreateProtectionDocument, type ProtectionRowFragment, type Role, UpdateProtectionDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { useTeam } from '../../shell/team.ts';
import { sayFault, useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';
import { targetName } from '../words.ts';
import { ConditionInputs, type Mistake, mistakeOf } from './condition-inputs.tsx';
import { ProtectedTarget, type Wanted } from './protected-target.tsx';

const APPROVERS = [
  { value: 'MAINTAINER', label: 'Maintainers and Admins' },
  { value: 'ADMIN', label: 'Admins' },
];

export function ProtectionForm({ protection, close }: { protection: ProtectionRowFragment | null; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [wanted, setWanted] = useState<Wanted>({ models: '*', by: 'alias', alias: 'champion', stage: 'PRODUCTION' });
  const [approvals, setApprovals] = useState(protection?.approvals ?? 1);
  const [approverRole, setApproverRole] = useState<Role>(protection?.approverRole ?? 'MAINTAINER');
  const [directRole, setDirectRole] = useState<Role | null>(protection?.directRole ?? null);
  const [conditions, setConditions] = useState(protection?.conditions ?? []);
  const [freeRollback, setFreeRollback] = useState(protection?.freeRollback ?? false);
  const [askByMove, setAskByMove] = useState(protection?.askByMove ?? false);
  const [fault, setFault] = useState<ApiError | null>(null);
  const mistake: Mistake | null = mistakeOf(fault);
  const at = (argument: string) => (fault?.argument === argument ? fault.message : undefined);
  const named = protection ? protection.alias !== null : wanted.by === 'alias';
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setFault(null);
    // As the server counts them.
    const written = conditions.map((text) => text.trim()).filter(Boolean);
    setConditions(written);
    const rules = { approvals, approverRole, directRole, conditions: written, freeRollback, askByMove };
    const target = wanted.by === 'alias' ? { alias: wanted.alias.trim().replace(/^@/, '') } : { stage: wanted.stage };
    const work = async () => {
      try {
        if (protection) await ask(UpdateProtectionDocument, { input: { id: protection.id, ...rules } });
        else await ask(CreateProtectionDocument, { input: { team: team.slug, models: wanted.models.trim(), ...target, ...rules } });
        return true;
      } catch (error) {
        if (!(error instanceof ApiError) || error.argument === null) throw error;
        setFault(error);
        if (mistakeOf(error) === null && !['models', 'alias', 'stage', 'approvals'].includes(error.argument)) sayFault(error);
        return false;
      }
    };
    if (await act(work, { again: [queryKeys.models(team.slug)] })) close();
  };
  return (
    <Modal opened onClose={close} title={protection ? `Protection of ${targetName(protection)} of ${protection.models}` : 'New protection'} size="md">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        {!protection && <ProtectedTarget value={wanted} change={setWanted} at={at} />}
        <NumberInput
          label="Approvals"
          description="By people other than who asked and who made the version. With 0 only the conditions count."
          min={0}
          max={10}
          clampBehavior="strict"
          allowDecimal={false}
          error={at('approvals')}
          value={approvals}
          onChange={(value) => setApprovals(Number(value) || 0)}
        />
        <Select
          label="Who approves"
          data={APPROVERS}
          value={approverRole}
          allowDeselect={false}
          onChange={(value) => setApproverRole((value ?? approverRole) as Role)}
        />
        <Select
          label="Who moves it without approval"
          description="The conditions are asked of them, too."
          data={APPROVERS}
          placeholder="Nobody"
          clearable
          value={directRole}
          onChange={(value) => setDirectRole(value as Role | null)}
        />
        <ConditionInputs
          conditions={conditions}
          change={setConditions}
          mistake={mistake}
          target={named ? (protection?.alias ?? wanted.alias) : 'holder'}
        />
        {named && (
          <Checkbox
            label="Rolling back takes no approval and no condition"
            checked={freeRollback}
            onChange={(event) => setFreeRollback(event.currentTarget.checked)}
          />
        )}
        <Checkbox
          label="Trying to move it asks for the move, so that MLflow’s clients can ask"
          checked={askByMove}
          onChange={(event) => setAskByMove(event.currentTarget.checked)}
        />
        <Button type="submit">{protection ? 'Save' : 'Protect'}</Button>
      </form>
    </Modal>
  );
}
