// A file that can't be shown as text.
import { Empty } from '../../ui/feedback/states.tsx';

/** `kind`: what it is instead, where that is known. */
export const NoText = ({ kind }: { kind: string | null }) => (
  <Empty title={kind ? `This is ${kind}` : 'This is no text'}>
    <p>There is no preview of it. Download it to look at it.</p>
  </Empty>
);
