import { useEntryHere } from "@/screens/paper/context";
import { useFaultText } from "@/screens/paper/useFaultText";
import { Field } from "@/ui";

export interface TextFieldProps {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  maxLength: number;
  placeholder?: string;
  help?: string | undefined;
  rows?: number;
  numeric?: boolean;
}

/** What is written in words or figures. */
export function TextField({ id, help, numeric, ...rest }: TextFieldProps) {
  const entry = useEntryHere();
  const error = useFaultText(entry)(id);
  return (
    <div data-field={id}>
      <Field
        {...rest}
        inputMode={numeric ? "numeric" : "text"}
        help={error ? undefined : help}
        error={error}
        autoComplete="off"
        onBlur={() => entry.leave(id)}
      />
    </div>
  );
}
