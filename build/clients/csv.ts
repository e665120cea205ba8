/** One field of the CSV (RFC 4180) in which buildx takes the attributes of an output or a secret: `dest=/a,b` in quotes. */
export const csvField = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
