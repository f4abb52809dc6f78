// The roles in words.
import type { Role } from '../api/documents.gen.ts';

export const ROLES: { value: Role; label: string }[] = [
  { value: 'VIEWER', label: 'Viewer: reads' },
  { value: 'CONTRIBUTOR', label: 'Contributor: logs runs' },
  { value: 'MAINTAINER', label: 'Maintainer: deletes and promotes' },
  { value: 'ADMIN', label: 'Admin: members and settings' },
];

export const roleName = (role: string): string => role.slice(0, 1) + role.slice(1).toLowerCase();
