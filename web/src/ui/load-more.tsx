// The button below a list that is read page by page; nothing where the list has ended.
import { Button, type ButtonProps } from '@mantine/core';

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): Promise<unknown> };

export function LoadMore({ of, label = 'More', size }: { of: Pages; label?: string; size?: ButtonProps['size'] }) {
  if (!of.hasNextPage) return null;
  return (
    <Button variant="default" size={size} loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
      {label}
    </Button>
  );
}
