const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

const padded = (value: number, width = 2, fill = "0") => String(value).padStart(width, fill);
const dayOfYear = (date: Date) =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 0)) /
      864e5,
  );
const hourOf12 = (date: Date) => date.getHours() % 12 || 12;

const PARTS: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => (DAYS[date.getDay()] as string).slice(0, 3),
  A: (date) => DAYS[date.getDay()] as string,
  b: (date) => (MONTHS[date.getMonth()] as string).slice(0, 3),
  B: (date) => MONTHS[date.getMonth()] as string,
  d: (date) => padded(date.getDate()),
  e: (date) => padded(date.getDate(), 2, " "),
  H: (date) => padded(date.getHours()),
  I: (date) => padded(hourOf12(date)),
  j: (date) => padded(dayOfYear(date), 3),
  m: (date) => padded(date.getMonth() + 1),
  M: (date) => padded(date.getMinutes()),
  p: (date) => (date.getHours() < 12 ? "AM" : "PM"),
  S: (date) => padded(date.getSeconds()),
  y: (date) => padded(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  D: (date) => strftime(date, "%m/%d/%y"),
  F: (date) => strftime(date, "%Y-%m-%d"),
  T: (date) => strftime(date, "%H:%M:%S"),
  "%": () => "%",
};

/**
 * A date as Python's strftime formats it in the C locale; `%-d` has no leading zeros. Directives that chat templates do
 * not use are not replaced.
 */
export function strftime(date: Date, format: string): string {
  return format.replaceAll(/%(-?)([a-zA-Z%])/g, (whole, bare: string, name: string) => {
    const part = PARTS[name]?.(date);
    if (part === undefined) return whole;
    return bare ? part.replace(/^[0 ]+(?=.)/, "") : part;
  });
}
