// Fields that several nouns have.

export const lifecycle = (it: { deletedAt: Date | null }) => (it.deletedAt ? ('DELETED' as const) : ('ACTIVE' as const));
export const NOTES_TAG = 'mlflow.note.content';
export const valueAt = (list: { key: string; value: string }[], key: string) => list.find((one) => one.key === key)?.value ?? null;
