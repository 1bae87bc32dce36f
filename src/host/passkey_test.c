/* The test vectors of Web Authentication, Level 3 (section 16: they are made for https://example.org), and where that has none of
 * the size that is taken, RS256 of 2,048 bits, one that the program openssl signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium/utils.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "host/passkey.h"

struct vector {
    const char *made_challenge, *made_client_data, *made_data, *challenge, *client_data, *data, *signature;
};

static const struct vector ES256_NONE = {
    .made_challenge = "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878475453746e6364"
        "7134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61"
        "7920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563"
        "6820617320746869733a20426b5165446a646354427258426941774a544c453551227d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020"
                 "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb6"
                 "4098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220",
    .challenge = "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a555854"
        "3049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000",
    .signature = "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd"
                 "5d78c6e486013f937295ea13653e331e87",
};

static const struct vector ES256 = {
    .made_challenge = "c1184a5fddf8045e13dc47f54b61f5a656b666b59018f16d870e9256e9952012",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a227752684b583933344246345433456631"
        "53324831706c61325a725751475046746877365356756d56494249222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61"
        "7920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563"
        "6820617320746869733a20396138624e596a4b436757724258552d66436c316167227d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54d00000000876ca4f52071c3e9b25509ef2cdf7ed60020"
                 "c9a6f5b3462d02873fea0c56862234f99f081728084e511bb7760201a89054a5a50102032620012158201cf27f25da591208a4239c2e32"
                 "4f104f585525479a29edeedd830f48e77aeae522582059e4b7da6c0106e206ce390c93ab98a15a5ec3887e57f0cc2bece803b920c423",
    .challenge = "b1106fa46a57bef1781511c0557dc898a03413d5f0f17d244630c194c7e1adb5",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2273524276704770587676463446524841565833"
        "496d4b4130453958773858306b526a44426c4d6668726255222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61792062"
        "6520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563682061"
        "7320746869733a20415a4d77794d78496244382d756775464e7036723851227d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
    .signature = "30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe90221008b0819c824218a97152cd099c55bfb14"
                 "77b29d900a49a64018314f9bfccda163",
};

static const struct vector TPM = {
    .made_challenge = "cfc82cdf1ceee876120aa88f0364f0910193460cfb97a317b2fe090694f9a299",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a227a38677333787a753648595343716950"
        "413254776b51475452677a376c364d587376344a427054356f706b222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73657d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54d000000004b92a377fc5f6107c4c85c190adbfd990020"
                 "ec27bec7521c894bbb821105ea3724c90e770cf1fa354157ef18d0f18f78bea9a501020326200121582041202698c9d9753fb4bb3f27cd"
                 "09fe6b8afdb76438ee2ae54d7c9dade10d864b225820d8735115cdb330a63ea1d6e43d5000f4bd56f99bce83ee1d73301fc270116d07",
    .challenge = "00093b66c21d5b5e89f7a07082118907ea3e502d343b314b8c5a54d62db202fb",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2241416b375a7349645731364a39364277676847"
        "4a422d6f2d554330304f7a464c6a46705531693279417673222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
    .signature = "3045022060dc76b1607ec716c6e5eba8d056695ed6bc47b2e3d7a729c34e759e3ab66aa0022100d010a9e8fddcb64c439dfdca628ddb33"
                 "cf245d567d157d9f66f942601bed9b38",
};

static const struct vector LONG = {
    .made_challenge = "1113c7265ccf5e65124282fa1d7819a7a14cb8539aa4cdbec7487e5f35d8ec6c",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22455250484a6c7a50586d5553516f4c36"
        "4858675a7036464d75464f61704d322d7830682d587a5859374777222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73657d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b549000000008f3360c2cd1b0ac14ffe0795c5d2638e03ff"
                 "3a761a4e1674ad6c4305869435c0eee9c286172c229bb91b48b4ada140c0863417031305cce5b4a27a88d7fe728a5f5a627de771b4b40e"
                 "77f187980c124f9fe832d7136010436a056cce716680587d23187cf1fc2c62ae86fc3e508ee9617ffc74fbc10488ec16ec5e9096328669"
                 "a898709b655e549738c666c1ae6281dc3b5f733c251d3eefb76ee70a3805ca91bcc18e49c8dc7f63ebcb486ba8c3d6ab52b88ff72c6a5b"
                 "b47c32f3ee8683a3ddc8abf60870448ec8a21b5bdcb183c7dead870255575a6df96eb1b6a2a1019780cba9e4887b17ff1164bbbcc10eb0"
                 "d86ed75984cd3fa3419103024507dfd9ce8f92c56af7914cb0bb50b87ba82a312bb7dcd93028dbdcd6adb266979667158335171e3682d3"
                 "7755701edbf9d872846a291d49e57ef09da1ec637f5052ed2aa7407f7e61827468e94b461844f4c67be5fa9c6055a566f8fdfc29d4bf78"
                 "a9ff275f552cc68ba543fa3962eea36fd1ea8453764577d021d0a181efc1f6100ab2e4110039e21ee16970bda7432b6134492155afc126"
                 "295b3a2eccd12c66a68e340969e995e3e8c9c476e395cfc21203414110779474f1c9797406637dbe414f132519d3bf0ce4f01734ef0e1a"
                 "12c3ad604ff15d766b1624db6a5a7ccbff7bc35c9908df94aba277e0af48f04ff3d16381c47e5a37ed3988a67a3b1ecaa926336b33391f"
                 "ff04128f869991c9fabd905b6fe3ceef5f8b630ec1c5d2636d5b1961ad5ca5004170f6f5e482792aad989b0287fe91e5c479403397152f"
                 "1fa56aa79b156eb47e6c8ea3eb175c34cfb38ad8e772874639b1023d4d01395c94e55831671cc022aa6fa1e02a02c2e4abc776f6960e51"
                 "f83b71a8c0f207b6a347573977812c9aa5480b0011aa739bd4b76c18c000cc4757cceccb920f007c40c00e37e5ab21476cd9f6054a8fff"
                 "b55a108f5c706e2cea2049d81fd321ff47d2a5761b0800955ab1d4f4889f55a84e2601c684f17a4ade7453ea49591d0b59c8d9a765052f"
                 "62219cf6ef4a5dd9539f0617d6ebbebce7c000455475d18449e25c49ef9a1e3efe18c09082ebe2058d7c347defaa92f0664553b805c7d7"
                 "6bbfce5f330aca220ac90a789380fc479ea0d8793205813cca590a912f699ad52f991a1bc0a503c3ec4b2a696719e3c26591a87127f730"
                 "5cc7e72f4c8e39355ebb06a5b1042990f38710ee7aa612ee4374bb82e878585a70a96c2a6b47f101a4ff154be4fd76a3167577a5cc54d9"
                 "167c154c69ac35485e44cc898b719e1be3cc9c0fb5624b8f8a0dae10947a41bf848b6c1bb33d1006ec077d7e286e3f2a7b484371639011"
                 "9449fe2721e81a5ed2333d331c7120765da58fadae73c19d9a8c4509cf8ac1e9d98b799a5274509069739b5823f3fb4966638200334269"
                 "88eefca53e580e0f9e0dfe0992fc2e53a97e053639f98577058f995bdbd41cefdba50102032620012158203b8176b7504489cc593046d7"
                 "988abb7905a742de6ac2cdc748a873c663e90cb12258201436d5edc9a75f23999eef9d5950a5c2455514ee1014084720f841a06b828a11",
    .challenge = "ef1deba56dce48f674a447ccf63b9599258ce87648e5c396f2ef0ca1da460e3b",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22377833727057334f53505a307045664d396a75"
        "566d53574d36485a4935634f573875384d6f647047446a73222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
    .signature = "304502203ecef83fb12a0cae7841055f9f87103a99fd14b424194bbf06c4623d3ee6e3fd022100d2ace346db262b1374a6b70faa51f518"
                 "a42ddca13a4125ce6f5052a75bac9fb6",
};

static const struct vector EDDSA = {
    .made_challenge = "a8abf9dabdc6b0df63466b39bda9e8a34a34e185337a59f1c579990676d3b3bd",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22714b763532723347734e396a526d7335"
        "76616e6f6f306f303459557a656c6e7878586d5a426e6254733730222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d61"
        "7920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c20737563"
        "6820617320746869733a20425f44543567375a445f2d394f544c59583549764551227d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54100000000d5aa33581e8ca478e20fe713f5d32ff20020"
                 "ce9f840ed96599580cd140fbc7bb3230633f50f61041aff73308ae71caa8a2bda401010327200621582044e06ddd331c36a8dc667bab52"
                 "bcae63486c916aa5e339e6acebaa84934bf832",
    .challenge = "895957e01c633a698348a2d8a31a54b7db27e8c1c43b2080d79ae2190267bfd2",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2269566c583442786a4f6d6d44534b4c596f7870"
        "557439736e364d48454f7943413135726947514a6e763949222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50100000000",
    .signature = "f5c59c7e46c34f6f8cc197101ddf9934fa2595f68eb1913a637e8419eb9ba4cfdfc48f85393bc0d40b011f0d6fecb097d6607525713223"
                 "a0dc0d453993dae00b",
};

static const struct vector ES384 = {
    .made_challenge = "567b030b3e186bc1d169dd45b79f9e0d86f1fd63474da3eade5bdb8db379a0c3",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22566e7344437a34596138485261643146"
        "74352d65445962785f574e4854615071336c76626a624e356f4d4d222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73657d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55900000000e950dcda3bdae1d087cda380a897848b0020"
                 "953ae2dd9f28b1a1d5802c83e1f65833bb9769a08de82d812bc27c13fc6f06a9a5010203382220022158304866bd8b01da789e9eb806e5"
                 "eab05ae5a638542296ab057a2f1bbce9b58f8a08b9171390b58a37ac7fffc2c5f45857da2258302a0b024c7f4b72072a1f96bd30a7261a"
                 "ae9571dd39870eb29e55c0941c6b08e89629a1ea1216aa64ce57c2807bf3901a",
    .challenge = "ff41c3d25dbd8966fb61e28ef5e47041e137ed268520412d76202ba0ad2d1453",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a225f304844306c32396957623759654b4f396552"
        "77516545333753614649454574646941726f4b307446464d222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50d00000000",
    .signature = "3065023100e4efbb46745ed00e67c4d51ab2bacab2af62ffa8b7c5fecec6d7d9bf2582275034a713a3dd731685eee81adfaf6aa63f0230"
                 "161655353f07e018a3c2539f8de7c8c4cf88d4c32d2be29fe4e76fa096ecc9458bbfe0895d57129ab324130e6f0692db",
};

static const struct vector RS256_LARGE = {
    .made_challenge = "bea8f0770009bd57f2c0df6fea9f743a27e4b61bbe923c862c7aad7a9fc8e4a6",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2276716a776477414a76566679774e3976"
        "367039304f69666b7468752d6b6a79474c48717465705f49354b59222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73657d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000428f8878298b9862a36ad8c7527bfef20020"
                 "992a18acc83f67533600c1138a4b4c4bd236de13629cf025ed17cb00b00b74dfa4010303390100205901b403ffffffffffffffffffffff"
                 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                 "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7ffffffffffffffffffffffffffffffff"
                 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
                 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8000000000000000000000"
                 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                 "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                 "0000000000000000000000000000000000000000000000000000000000000000000000000000012143010001",
    .challenge = "295f59f5fa8fe62c5aca9e27626c78c8da376ae6d8cd2dd29aebad601e1bc4c5",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224b56395a39667150356978617970346e596d78"
        "34794e6f33617562597a5333536d75757459423462784d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000",
    .signature = "01063d52d7c39b4d432fc7063c5d93e582bdcb16889cd71f888d67d880ea730a428498d3bc8e1ee11f2b1ecbe6c292b118c55ffaaddefa"
                 "8cad0a54dd137c51f1eec673f1bb6c4d1789d6826a222b22d0f585fc901fdc933212e579d199b89d672aa44891333e6a1355536025e82b"
                 "25590256c3538229b55737083b2f6b9377e49e2472f11952f79fdd0da180b5ffd901b4049a8f081bb40711bef76c62aed943571f2d0575"
                 "304cb549d68d8892f95086a30f93716aee818f8dc06e96c0d5e0ed4cfa9fd8773d90464b68cf140f7986666ff9c9e3302acd0535d60d76"
                 "9f465e2ab57ef8aabc89fccfef7ba32a64154a8b3d26be2298f470b8cc5377dbe3dfd4b0b45f8f01e63bde6cfc76b62771f9b70aa27cf4"
                 "0152cad93aa5acd784fd4b90f676e2ea828d0bf2400aebbaae4153e5838f537f88b6228346782a93a899be66ec77de45b3efcf311da632"
                 "1c92e6b0cd11bfe653bf3e98cee8e341f02d67dbb6f9c98d9e8178090cfb5b70fbc6d541599ac794ae2f1d4de1286ec8de8c2daf7b1d15"
                 "c8438e90d924df5c19045220a4c8438c1b979bbe016cf3d0eeec23c3999d4882cc645b776de930756612cdc6dd398160ff02a6",
};

static const struct vector CROSS = {
    .made_challenge = "3be5aacd03537142472340ab5969f240f1d87716e20b6807ac230655fa4b3b49",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463554a4849304372"
        "57576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d6179"
        "20626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c2073756368"
        "20617320746869733a207a5a7175457444523944577170573574425754467567227d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000883f4f6014f19c09d87aa38123be48d00020"
                 "6e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d0"
                 "3b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e",
    .challenge = "876aa517ba83fdee65fcffdbca4c84eeae5d54f8041a1fc85c991e5bbb273137",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a226832716c463771445f65356c5f505f62796b79"
        "45377135645650674547685f49584a6b655737736e4d5463222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d6179206265"
        "20657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c2073756368206173"
        "20746869733a2039327063545644304162792d713464746d6a36656667227d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50500000000",
    .signature = "3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c76237ff9db77b3c56f30837cda6a0"
                 "9acfa2e915544e609c0733b1184036d1cf",
};

static const struct vector TOP = {
    .made_challenge = "4e1f4c6198699e33c14f192153f49d7e0e8e3577d5ac416c5f3adc92a41f27e5",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a225468394d595a68706e6a504254786b68"
        "555f53646667364f4e58665672454673587a72636b7151664a2d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a747275652c22746f704f726967696e223a2268747470733a2f2f6578616d706c652e636f"
        "6d227d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5410000000097586fd09799a76401c200455099ef2a0020"
                 "b8ad59b996047ab18e2ceb57206c362da57458793481f4a8ebf101c7ca7cc0f1a5010203262001215820a1c47c1d82da4ebe82cd722071"
                 "02b380670701993bc35398ae2e5726427fe01d22582086c1080d82987028c7f54ecb1b01185de243b359294a0ed210cd47480f0adc88",
    .challenge = "d54a5c8ca4b62a8e3bb321e3b2bc73856f85a10150db2939ac195739eb1ea066",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22315570636a4b53324b6f34377379486a737278"
        "7a68572d466f51465132796b3572426c584f6573656f4759222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a747275652c22746f704f726967696e223a2268747470733a2f2f6578616d706c652e636f6d222c"
        "22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e646564207769746820616464697469"
        "6f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a205569466f4a4d5652514844414657"
        "4669347678557051227d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50500000000",
    .signature = "3045022100b5a70c81780d5fcc9a4f2ae9caae99058f8accaf58b91fb59329646c28ac6ffc022012e101c165db3c8e9957f0c54dd6ca9b"
                 "56bc3bd2f280bd2faa6c1d02c6e5c171",
};

static const struct vector RS256 = {
    .made_challenge = "ea0890697a77af0a2e054cccec587c8a42feb5cf38e778c6c6e2a96bfb945c0b",
    .made_client_data =
        "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22366769516158703372776f7542557a4d"
        "37466838696b4c2d7463383435336a4778754b70615f7555584173222c226f726967696e223a2268747470733a2f2f6578616d706c652e"
        "6f7267222c2263726f73734f726967696e223a66616c73657d",
    .made_data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000000000000000000000000000000000000010"
                 "000102030405060708090a0b0c0d0e0fa401030339010020590100acfa2241edfd908453a53203d6cfa3654f9054bd9767c572398f3d5e"
                 "4ff54e110c1a7ca4cce558b0597fe134d94a73a9c2c95343a9b75dd7fb85a3cdc03d18334791974086b5dad0bf5e116872b1d471ce0195"
                 "2658ca351350b230051a0fd5e7687b560cc61a02a56b20f563e2e51b1e4c05f128aca8cb8c202ac4b27bc24c9730dd8c2248df40659c14"
                 "22a80f2ad5850a3fb2cb648218ad101b2f5cb9edc124729ff56c9bfe66da8f3fa83410ce9adf3d19a4aaf3fd73198714f54401c85c8334"
                 "f3f018492438e934198c7eb8a18e92ea788daf4b4a4c5b2d119692a15eca8ce31de3d9dfb89c8ef8ff9a07e4ee4bd75cf57394a4def82d"
                 "647cb21321611bbb2143010001",
    .challenge = "baaf53622a51d975235f276287bdc1b64aa4640c77142cbca076877d9eac6815",
    .client_data =
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a2275713954596970523258556a58796469683733"
        "42746b716b5a417833464379386f486148665a3673614255222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267"
        "222c2263726f73734f726967696e223a66616c73657d",
    .data = "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50500000007",
    .signature = "481b627e6894b3e20331ae237677f605bdd8dc95e68e4ec64ebe890253db41dd2ce2276e75893a8e4d84fe016fdb38dfbe1327da2fac8f"
                 "faa05a3c5792e4d616fdd6f98e0bb6ec855cdacb04c775c41c64eb9333e271ef771e74a5a039f4edf8b0b1e578333404f9004fa176e924"
                 "312de4087ac801699e4fed2e818b19a14a6cc2b00df4e799dccd0ab680b5043ff2de0ee5dcbbf7d870e09162d9ec3e6afa5dae0d7c8a1a"
                 "981e80034a4669137a988caa46ca2d27d997d5ce5b7e143f0d50a5550b18f8677912ade16e7841ab5d3c116bc56e94d7d68ebfcbde519e"
                 "ccf3579cfcdbfdc4df35c782d1697d01ece3d10252ce3029e069d329f4420fb3e9c0288a",
};

enum { ROOM = 2048, FLAGS_AT = 32, UP = 1, UV = 4, COUNTER_AT = 33 };

struct bytes {
    unsigned char bytes[ROOM];
    size_t size;
};

static struct bytes bytes_of(const char *hex)
{
    struct bytes bytes;
    assert_int_equal(sodium_hex2bin(bytes.bytes, sizeof bytes.bytes, hex, strlen(hex), NULL, &bytes.size, NULL), 0);
    return bytes;
}

/* A registration or an assertion, to be changed here and there. */
struct case_of {
    struct passkey_site site;
    struct passkey_question question;
    struct bytes client_data, data, signature;
};

static void prepare(struct case_of *one, const char *challenge, const char *client_data, const char *data)
{
    assert_null(passkey_site_of("https://example.org", &one->site));
    one->question.site = &one->site;
    memcpy(one->question.challenge, bytes_of(challenge).bytes, PASSKEY_CHALLENGE_SIZE);
    one->client_data = bytes_of(client_data);
    one->data = bytes_of(data);
    one->signature.size = 0;
}

static struct passkey_answer answer_of(const struct case_of *one)
{
    return (struct passkey_answer){ { one->client_data.bytes, one->client_data.size },
                                    { one->data.bytes, one->data.size },
                                    { one->signature.bytes, one->signature.size } };
}

static const char *made_of(const struct case_of *one, struct passkey_key *key)
{
    const struct passkey_answer answer = answer_of(one);
    return passkey_made_fault(&one->question, &answer, key);
}

static void expect_made(const struct case_of *one, const char *part)
{
    struct passkey_key key;
    const char *fault = made_of(one, &key);
    assert_non_null(fault);
    assert_non_null(strstr(fault, part));
}

static const char *shown_of(const struct case_of *one, const struct passkey_key *key, uint32_t *counter)
{
    const struct passkey_answer answer = answer_of(one);
    return passkey_shown_fault(&one->question, key, &answer, counter);
}

static void expect_shown(const struct case_of *one, const struct passkey_key *key, const char *part)
{
    uint32_t counter = 0;
    const char *fault = shown_of(one, key, &counter);
    assert_non_null(fault);
    assert_non_null(strstr(fault, part));
}

static void prepare_made(struct case_of *one, const struct vector *vector)
{
    prepare(one, vector->made_challenge, vector->made_client_data, vector->made_data);
}

static void prepare_shown(struct case_of *one, const struct vector *vector)
{
    prepare(one, vector->challenge, vector->client_data, vector->data);
    one->signature = bytes_of(vector->signature);
}

/* Nothing signs a registration without attestation: so the vectors whose person was not verified serve with the flag put in. */
static struct passkey_key key_of(const struct vector *vector)
{
    struct case_of one;
    struct passkey_key key;
    prepare_made(&one, vector);
    one.data.bytes[FLAGS_AT] |= UV;
    assert_null(made_of(&one, &key));
    return key;
}

/* ---- the vectors as they stand ---- */

static void those_with_a_verified_person(void **state)
{
    static const struct vector *const vectors[] = { &ES256, &TPM, &RS256 };
    static const size_t id_sizes[] = { 32, 32, 16 };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct case_of one;
        struct passkey_key key;
        uint32_t counter = 99;
        prepare_made(&one, vectors[i]);
        assert_null(made_of(&one, &key));
        assert_int_equal(key.id_size, id_sizes[i]);
        prepare_shown(&one, vectors[i]);
        assert_null(shown_of(&one, &key, &counter));
        assert_int_equal(counter, vectors[i] == &RS256 ? 7 : 0);
    }
}

/* What is wrong is found in a fixed order, the signature before the flags: so these show that the signature was right. */
static void those_without(void **state)
{
    static const struct vector *const vectors[] = { &ES256_NONE, &EDDSA };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct case_of one;
        prepare_made(&one, vectors[i]);
        expect_made(&one, "not verified the person");
        const struct passkey_key key = key_of(vectors[i]);
        prepare_shown(&one, vectors[i]);
        expect_shown(&one, &key, "not verified the person");
        one.signature.bytes[one.signature.size - 1] ^= 1;
        expect_shown(&one, &key, "signature");
    }
}

static void the_longest_credential_id(void **state)
{
    struct case_of one;
    uint32_t counter = 99;
    (void)state;
    const struct passkey_key key = key_of(&LONG);
    assert_int_equal(key.id_size, PASSKEY_ID_MAX);
    prepare_shown(&one, &LONG);
    assert_null(shown_of(&one, &key, &counter));
}

static void algorithms_and_sizes_that_are_not_taken(void **state)
{
    static const struct vector *const vectors[] = { &ES384, &RS256_LARGE };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct case_of one;
        prepare_made(&one, vectors[i]);
        one.data.bytes[FLAGS_AT] |= UV;
        expect_made(&one, "no key");
    }
}

static void pages_inside_others(void **state)
{
    static const struct vector *const vectors[] = { &CROSS, &TOP };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct case_of one;
        const struct passkey_key key = key_of(&ES256);
        prepare_made(&one, vectors[i]);
        expect_made(&one, "inside another's");
        prepare_shown(&one, vectors[i]);
        expect_shown(&one, &key, "inside another's");
    }
}

/* ---- one thing wrong ---- */

static void replace(struct bytes *bytes, const char *old, const char *fresh)
{
    size_t length = strlen(old), longer = strlen(fresh);
    unsigned char *at = memmem(bytes->bytes, bytes->size, old, length);
    assert_non_null(at);
    size_t behind = bytes->size - (size_t)(at - bytes->bytes) - length;
    assert_true(bytes->size - length + longer <= ROOM);
    memmove(at + longer, at + length, behind);
    memcpy(at, fresh, longer);
    bytes->size += longer - length;
}

struct change {
    const char *old, *fresh, *part;
};

static void client_data_that_lie(void **state)
{
    static const struct change changes[] = {
        { "webauthn.get", "webauthn.create", "another deed" },
        { "webauthn.get", "payment.get", "another deed" },
        { "\"type\"", "\"typo\"", "another deed" },
        { "https://example.org", "https://example.com", "another origin" },
        { "https://example.org", "http://example.org", "another origin" },
        { "https://example.org", "https://example.org:444", "another origin" },
        { "https://example.org", "https://a.example.org", "another origin" },
        { "https://example.org", "https://example.org/", "another origin" },
        { "\"challenge\":\"", "\"challenge\":\"A", "another challenge" },
        { "\"challenge\"", "\"challenged\"", "another challenge" },
        { "{\"type\"", "{\"topOrigin\":null,\"type\"", "inside another's" },
        { "{\"type\"", "{\"type\":\"webauthn.get\",\"type\"", "not JSON" },
        { "{\"type\"", "[\"type\"", "not JSON" },
    };
    (void)state;
    const struct passkey_key key = key_of(&ES256);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct case_of one;
        prepare_shown(&one, &ES256);
        replace(&one.client_data, changes[i].old, changes[i].fresh);
        expect_shown(&one, &key, changes[i].part);
    }
}

/* A member more is a thing of the future, and not a lie: but the signature is of other bytes. */
static void the_signature_covers_every_byte(void **state)
{
    struct case_of one;
    (void)state;
    const struct passkey_key key = key_of(&ES256);
    prepare_shown(&one, &ES256);
    replace(&one.client_data, "{\"type\"", "{ \"type\"");
    expect_shown(&one, &key, "signature");
    prepare_shown(&one, &ES256);
    one.data.bytes[COUNTER_AT + 3] = 1;
    expect_shown(&one, &key, "signature");
    prepare_shown(&one, &ES256);
    one.data.bytes[FLAGS_AT] ^= 2;
    expect_shown(&one, &key, "signature");
    for (size_t i = 0; i < one.signature.size; i++) {
        prepare_shown(&one, &ES256);
        one.signature.bytes[i] ^= 4;
        expect_shown(&one, &key, "signature");
    }
}

static void another_key(void **state)
{
    struct case_of one;
    (void)state;
    const struct passkey_key key = key_of(&TPM), rsa = key_of(&RS256);
    prepare_shown(&one, &ES256);
    expect_shown(&one, &key, "signature");
    expect_shown(&one, &rsa, "signature");
    one.signature.size = 0;
    expect_shown(&one, &key, "signature");
}

static void another_site(void **state)
{
    struct case_of one;
    (void)state;
    const struct passkey_key key = key_of(&ES256);
    prepare_shown(&one, &ES256);
    one.data.bytes[0] ^= 1;
    expect_shown(&one, &key, "another site");
    prepare_made(&one, &ES256);
    one.data.bytes[31] ^= 1;
    expect_made(&one, "another site");
}

static void flags_of_a_registration(void **state)
{
    static const struct {
        unsigned char flags;
        const char *part;
    } wrong[] = {
        { 0x44, "present" }, { 0x41, "verified" }, { 0x55, "contradicts" }, { 0x05, "say to be" }, { 0xc5, "say to be" }
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct case_of one;
        prepare_made(&one, &ES256);
        one.data.bytes[FLAGS_AT] = wrong[i].flags;
        expect_made(&one, wrong[i].part);
    }
}

/* Neither less nor more than the flags say: libfido2 gets nothing else to read. */
static void data_that_are_not_whole(void **state)
{
    static const unsigned char huge[] = { 0xbb, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00 };
    struct case_of one;
    (void)state;
    const struct passkey_key key = key_of(&ES256);
    prepare_made(&one, &ES256);
    one.data.bytes[one.data.size++] = 0;
    expect_made(&one, "say to be");
    prepare_made(&one, &ES256);
    one.data.bytes[FLAGS_AT] = UP | UV;
    one.data.size = 37;
    expect_made(&one, "no key");
    prepare_shown(&one, &ES256);
    one.data.bytes[one.data.size++] = 0;
    expect_shown(&one, &key, "say to be");
    prepare_shown(&one, &ES256);
    one.data.bytes[FLAGS_AT] |= 0x80;
    memcpy(one.data.bytes + one.data.size, huge, sizeof huge);
    one.data.size += sizeof huge;
    expect_shown(&one, &key, "say to be");
    prepare_shown(&one, &ES256);
    one.data = bytes_of(ES256.made_data);
    expect_shown(&one, &key, "a new key came");
}

/* Whether a key may be copied is said once and for all. */
static void a_key_that_changes_its_nature(void **state)
{
    struct case_of one;
    (void)state;
    struct passkey_key key = key_of(&ES256);
    assert_true(key.may_be_copied);
    key.may_be_copied = false;
    prepare_shown(&one, &ES256);
    expect_shown(&one, &key, "otherwise than before");
}

/* Every shorter one is refused, and none is read beyond its end: each has memory of its own. */
static void cut_short(void **state)
{
    struct case_of one;
    struct passkey_key key;
    (void)state;
    prepare_made(&one, &ES256);
    for (size_t size = 0; size < one.data.size; size++) {
        unsigned char *exact = malloc(size + 1);
        CHECK(exact != NULL);
        memcpy(exact, one.data.bytes, size);
        const struct passkey_answer answer = { { one.client_data.bytes, one.client_data.size }, { exact, size }, { NULL, 0 } };
        assert_non_null(passkey_made_fault(&one.question, &answer, &key));
        free(exact);
    }
}

static void a_point_off_the_curve(void **state)
{
    struct case_of one;
    (void)state;
    prepare_made(&one, &ES256);
    one.data.bytes[one.data.size - 1] ^= 1;
    expect_made(&one, "no key");
}

/* ---- beside the vectors ---- */

static void counters(void **state)
{
    (void)state;
    assert_false(passkey_went_back(0, 0)); /* one that does not count */
    assert_false(passkey_went_back(0, 1));
    assert_false(passkey_went_back(1, 2));
    assert_true(passkey_went_back(2, 2));
    assert_true(passkey_went_back(2, 1));
    assert_true(passkey_went_back(1, 0));
    assert_true(passkey_went_back(UINT32_MAX, 0));
}

static void sites(void **state)
{
    static const char *const wrong[] = { "",
                                         "120.city.example",
                                         "https://",
                                         "https://127.0.0.1",
                                         "https://10.1.2.3:8443",
                                         "https://[::1]",
                                         "https://City.example",
                                         "https://city.example:443",
                                         "http://localhost:80",
                                         "http://city.example",
                                         "https://city.example/" };
    struct passkey_site site;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_non_null(passkey_site_of(wrong[i], &site));
    }
    assert_null(passkey_site_of("https://120.city.example", &site));
    assert_string_equal(site.id, "120.city.example");
    assert_string_equal(site.origin, "https://120.city.example");
    assert_null(passkey_site_of("http://localhost:8120", &site));
    assert_string_equal(site.id, "localhost");
    assert_string_equal(site.origin, "http://localhost:8120");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_with_a_verified_person),
        cmocka_unit_test(those_without),
        cmocka_unit_test(the_longest_credential_id),
        cmocka_unit_test(algorithms_and_sizes_that_are_not_taken),
        cmocka_unit_test(pages_inside_others),
        cmocka_unit_test(client_data_that_lie),
        cmocka_unit_test(the_signature_covers_every_byte),
        cmocka_unit_test(another_key),
        cmocka_unit_test(another_site),
        cmocka_unit_test(flags_of_a_registration),
        cmocka_unit_test(data_that_are_not_whole),
        cmocka_unit_test(a_key_that_changes_its_nature),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(a_point_off_the_curve),
        cmocka_unit_test(counters),
        cmocka_unit_test(sites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
