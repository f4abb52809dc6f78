// The mark: a falling curve in its axes.
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#4263eb" />
      <path d="M7 9v14h18" fill="none" stroke="#fff" strokeOpacity=".55" strokeWidth="2.4" strokeLinecap="round" />
      <path d="M11 11c2.500 7 6 8.500 13 9" fill="none" stroke="#fff" strokeWidth="2.800" strokeLinecap="round" />
    </svg>
  );
}
