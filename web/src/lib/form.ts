// Numbers of forms: 15 digits, 261122-407-0017-87: the day of printing, the run of that day, the form in it, and two check digits
// that make the whole 1 modulo 97 (ISO 7064, MOD 97-10).
const DIGITS = 15;
const RUN_DIGITS = 9;
const MODULUS = 97;

function digitsOf(text: string): string {
  return text.replaceAll(/[\s-]/g, "");
}

/** "261122-407" of what was typed with or without the dash; null: that is no run. */
export function readRun(text: string): string | null {
  const digits = digitsOf(text);
  const match = /^\d\d(\d\d)(\d\d)\d{3}$/.exec(digits);
  if (!match) return null;
  const [month, day] = [Number(match[1]), Number(match[2])];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? `${digits.slice(0, 6)}-${digits.slice(6)}` : null;
}

/** The number of a form that is typed whole, or without its run where that is known; null: a digit is mistyped. */
export function readForm(text: string, run: string): number | null {
  const typed = digitsOf(text);
  const known = digitsOf(readRun(run) ?? "");
  const whole = typed.length === DIGITS - RUN_DIGITS ? known + typed : typed;
  if (!/^\d{15}$/.test(whole)) return null;
  const check = Number(whole.slice(-2));
  const isNumber = Number(whole) % MODULUS === 1 && check >= 2 && check <= 98 && whole.slice(9, 13) !== "0000";
  return isNumber ? Number(whole) : null;
}

export function formText(form: number): string {
  const digits = String(form).padStart(DIGITS, "0");
  return `${digits.slice(0, 6)}-${digits.slice(6, 9)}-${digits.slice(9, 13)}-${digits.slice(13)}`;
}

export function runOf(form: number): string {
  return formText(form).slice(0, 10);
}
