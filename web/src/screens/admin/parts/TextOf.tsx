import type { ReactNode } from "react";
import { useFault } from "@/screens/admin/parts/useFault";
import type { Form } from "@/screens/admin/parts/useForm";
import { Field } from "@/ui";

type TextKeys<F> = { [K in keyof F & string]: F[K] extends string ? K : never }[keyof F & string];

export interface TextOfProps<F extends object> {
  form: Form<F>;
  name: TextKeys<F>;
  label: string;
  help?: ReactNode;
  type?: "text" | "password";
  isDisabled?: boolean;
  autoFocus?: boolean;
  autoComplete?: string;
}

/** A text of a form, with its fault below it. */
export function TextOf<F extends object>({ form, name, autoComplete, help, ...rest }: TextOfProps<F>) {
  const fault = useFault();
  const error = fault(form.shown[name]);
  return (
    <Field
      {...rest}
      autoComplete={autoComplete ?? "off"}
      value={form.values[name] as string}
      onChange={(text) => form.set(name, text as F[typeof name])}
      onBlur={() => form.touch(name)}
      help={error ? undefined : help}
      error={error}
    />
  );
}
