// A question before what can't be undone; everything else is done at once and offers Undo.
import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import formCss from '../form.module.css';

type Question = { title: string; text: string; verb: string; run: () => Promise<unknown> };

export function useConfirm() {
  const [question, setQuestion] = useState<Question | null>(null);
  return { question, ask: setQuestion, close: () => setQuestion(null) };
}

export function Confirm({ of }: { of: ReturnType<typeof useConfirm> }) {
  const [busy, setBusy] = useState(false);
  const { question, close } = of;
  if (!question) return null;
  const go = async () => {
    setBusy(true);
    await question.run();
    setBusy(false);
    close();
  };
  return (
    <Modal opened onClose={close} title={question.title} size="sm">
      <p>{question.text}</p>
      <div className={formCss.actions}>
        <Button color="red" loading={busy} onClick={() => void go()}>
          {question.verb}
        </Button>
        <Button variant="default" data-autofocus onClick={close}>
          Cancel
        </Button>
      </div>
    </Modal>
  );
}
