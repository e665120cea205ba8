/** Dollars with as many digits as say something: $0.43, $12.30, $1,234. */
export function dollars(value: number): string {
  const digits = value >= 1000 ? 0 : value >= 0.1 || value === 0 ? 2 : value >= 0.01 ? 3 : 4;
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** Milliseconds with as many digits as say something. */
export function milliseconds(value: number): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}

export const share = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}%`;
