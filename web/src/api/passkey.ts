import type {
  PasskeyAdded,
  PasskeyMade,
  PasskeyMaking,
  PasskeyQuestion,
  PasskeyRow,
  PasskeyShown,
  Passkeys,
} from "@schema";
import { get, post, put, remove } from "@/api/client";
import { Problem } from "@/api/problem";

const ONCE = { tryFor_ms: 0 };

/** Whether this browser knows passkeys, and the page came over https (or from this machine). A browser that makes a key but does
 * not hand over what the server keeps of it is none: the key would be an orphan. */
export function knowsPasskeys(): boolean {
  if (!window.isSecureContext || typeof window.PublicKeyCredential !== "function") return false;
  return typeof window.AuthenticatorAttestationResponse?.prototype.getAuthenticatorData === "function";
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

export function textOf(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const descriptorOf = (id: string) => ({ type: "public-key" as const, id: bytesOf(id) });

/** What the browser itself refuses: the person took the hand away, or the authenticator has a passkey of this person already. */
function asRefusal(thrown: unknown): Problem {
  const isKnown = thrown instanceof DOMException && thrown.name === "InvalidStateError";
  return new Problem({ name: isKnown ? "passkey_known" : "passkey_not_shown", status: 0, detail: "" });
}

async function ask(options: CredentialRequestOptions): Promise<PublicKeyCredential> {
  const credential = await navigator.credentials.get(options).catch((thrown) => Promise.reject(asRefusal(thrown)));
  if (!(credential instanceof PublicKeyCredential)) throw asRefusal(null);
  return credential;
}

/** What an authenticator answers to the server's question. */
export async function answerOf(question: PasskeyQuestion): Promise<PasskeyShown> {
  const credential = await ask({
    publicKey: {
      challenge: bytesOf(question.challenge),
      rpId: question.site,
      timeout: question.timeout_s * 1000,
      userVerification: "required",
      allowCredentials: question.ids.map(descriptorOf),
    },
  });
  const answer = credential.response as AuthenticatorAssertionResponse;
  return {
    id: textOf(credential.rawId),
    ...(answer.userHandle ? { user: textOf(answer.userHandle) } : {}),
    client_data: textOf(answer.clientDataJSON),
    data: textOf(answer.authenticatorData),
    signature: textOf(answer.signature),
  };
}

/** In place of the password: before a deed of weight, or as the second factor. */
export async function showPasskey(): Promise<void> {
  const question = await post<PasskeyQuestion>("/api/v1/session/shown/passkey", undefined, ONCE);
  await put("/api/v1/session/shown/passkey", await answerOf(question), ONCE);
}

async function make(making: PasskeyMaking, centre: string): Promise<Omit<PasskeyMade, "name">> {
  const options: PublicKeyCredentialCreationOptions = {
    challenge: bytesOf(making.challenge),
    rp: { id: making.site, name: centre },
    user: { id: bytesOf(making.user), name: making.sign_in, displayName: making.sign_in },
    pubKeyCredParams: making.algorithms.map((alg) => ({ type: "public-key", alg })),
    timeout: making.timeout_s * 1000,
    excludeCredentials: making.ids.map(descriptorOf),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    attestation: "none",
  };
  const made = await navigator.credentials
    .create({ publicKey: options })
    .catch((thrown) => Promise.reject(asRefusal(thrown)));
  if (!(made instanceof PublicKeyCredential)) throw asRefusal(null);
  const answer = made.response as AuthenticatorAttestationResponse;
  return { client_data: textOf(answer.clientDataJSON), data: textOf(answer.getAuthenticatorData()) };
}

/** name: by which the person knows it again; centre: what the authenticator calls the site. */
export async function addPasskey(name: string, centre: string): Promise<void> {
  const making = await post<PasskeyMaking>("/api/v1/session/passkeys", undefined, ONCE);
  await put<PasskeyAdded>("/api/v1/session/passkeys", { name, ...(await make(making, centre)) }, ONCE);
}

export async function readPasskeys(): Promise<readonly PasskeyRow[]> {
  return (await get<Passkeys>("/api/v1/session/passkeys")).items;
}

export function removePasskey(id: number): Promise<void> {
  return remove(`/api/v1/session/passkeys/${id}`, ONCE);
}
