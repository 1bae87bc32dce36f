// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { answerOf, bytesOf, knowsPasskeys, textOf } from "@/api/passkey";
import { Problem } from "@/api/problem";

const QUESTION = { drill: false, challenge: "AAEC_-8", site: "city.example", timeout_s: 180, ids: ["_w"] };

describe("base64url", () => {
  // RFC 4648, section 10, without padding; and the two letters that differ from base64.
  it.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg"],
    ["fooba", "Zm9vYmE"],
    ["foobar", "Zm9vYmFy"],
    ["\u00fb\u00ff", "-_8"],
  ])("of %j is %s, and back", (plain, text) => {
    const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
    expect(textOf(bytes.buffer)).toBe(text);
    expect([...bytesOf(text)]).toEqual([...bytes]);
  });
});

describe("a browser", () => {
  beforeEach(() => vi.unstubAllGlobals());

  it("knows passkeys where it has the interface and the page came safely", () => {
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("PublicKeyCredential", undefined);
    expect(knowsPasskeys()).toBe(false);
    vi.stubGlobal("PublicKeyCredential", class {});
    vi.stubGlobal("AuthenticatorAttestationResponse", undefined);
    expect(knowsPasskeys()).toBe(false);
    vi.stubGlobal("AuthenticatorAttestationResponse", class {}); // a browser of before Web Authentication, Level 2
    expect(knowsPasskeys()).toBe(false);
    vi.stubGlobal(
      "AuthenticatorAttestationResponse",
      class {
        getAuthenticatorData() {}
      },
    );
    expect(knowsPasskeys()).toBe(true);
    vi.stubGlobal("isSecureContext", false);
    expect(knowsPasskeys()).toBe(false);
  });

  it("is asked for the person to be verified, and its refusal is told as one", async () => {
    const get = vi.fn().mockRejectedValue(new DOMException("", "NotAllowedError"));
    vi.stubGlobal("navigator", { credentials: { get } });
    const refused = await answerOf(QUESTION).catch((thrown) => thrown);
    expect(refused).toBeInstanceOf(Problem);
    expect(refused.name).toBe("passkey_not_shown");
    const { publicKey } = get.mock.calls[0]?.[0] ?? {};
    expect(publicKey.userVerification).toBe("required");
    expect([...publicKey.challenge]).toEqual([0, 1, 2, 255, 239]);
    expect(publicKey.rpId).toBe("city.example");
    expect(publicKey.allowCredentials).toEqual([{ type: "public-key", id: bytesOf("_w") }]);
  });
});
