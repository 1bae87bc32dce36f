/* Some sixty stories, chosen by a walk through the table: one call in a few seconds. */
#include "host/exercise_story.h"

#include "base/check.h"

/* exercise_story_test.c holds each against its protocol: the keys lead to the priority and the need here. */
static const struct exercise_story STORIES[] = {
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "arrest",
      "1113",
      { "My father, 64, fell down in the kitchen. I shake him and shout, he does not react. He breathes strangely, a gasp now "
        "and then, like snoring. I am alone with him.",
        "我爸64岁，在厨房里倒下了。我摇他、喊他，都没有反应。呼吸怪怪的，隔一会儿才喘一口，像打呼噜。就我一个人在他身边。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "arrest",
      "1811",
      { "A man sank down at the tram stop, perhaps 50. He does not answer. I am not sure whether he breathes. There are several "
        "of us, and there is an AED in the pharmacy.",
        "电车站有个男的倒下去了，大概50岁，叫不应。有没有呼吸我拿不准。我们好几个人在，药店里有AED。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "choking",
      "21",
      { "My husband, 58, has a piece of meat stuck. He is awake, holds his throat, and cannot speak or cough, no sound comes.",
        "我丈夫58岁，一块肉卡住了。人是清醒的，双手掐着喉咙，说不出话，也咳不出来，一点声音都没有。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "allergy",
      "31",
      { "A wasp stung my wife ten minutes ago. She is awake, but her tongue is swelling, she is hoarse and gets hardly any air. "
        "She has an adrenaline pen in her bag.",
        "我妻子十分钟前被黄蜂蜇了。人清醒，可是舌头肿起来了，声音嘶哑，快喘不上气了。她包里有肾上腺素笔。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "breathing",
      "21",
      { "My mother, 71, has asthma. She is awake, but she gets out one word at a time, and her lips are turning blue.",
        "我妈71岁，有哮喘。人是清醒的，可是一次只能说出一个字，嘴唇发紫。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "seizure",
      "11",
      { "My brother, 30, is twitching all over, now, for more than five minutes, and it does not stop. He has epilepsy.",
        "我弟弟30岁，全身抽搐，现在还在抽，已经五分多钟了，停不下来。他有癫痫。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "poisoning",
      "212",
      { "We had a charcoal grill in the flat because the heating is off. Two of us have a headache and feel sick, and my "
        "flatmate is hard to wake and talks nonsense. We can get out.",
        "暖气坏了，我们在屋里烧了炭。我们两个头疼、恶心，室友很难叫醒，说胡话。我们能出得来。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "drowning",
      "211",
      { "We pulled a man of about 40 out of the lake. He is out of the water. He is not awake, and I see no breathing.",
        "我们从湖里捞上来一个男的，四十来岁。人已经上岸了，不清醒，看不到呼吸。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "fever",
      "21",
      { "My grandmother, 80, has had a fever since yesterday. Now she is awake but confused, breathes fast, and her skin is "
        "cold and mottled.",
        "我奶奶80岁，昨天开始发烧。现在人醒着，但是糊涂了，喘得很快，皮肤又凉又发花。" } },
    { PRIORITY_CRITICAL,
      CARE_NONE,
      "abdominal",
      "311",
      { "My father, 68, has pain in the belly and through to the back. It came all at once and tears. He is awake, pale, in a "
        "cold sweat.",
        "我爸68岁，肚子疼，一直疼到后背，突然一下子疼起来的，撕裂一样。人清醒，脸色发白，出冷汗。" } },
    { PRIORITY_CRITICAL,
      CARE_CHEST_PAIN,
      "chest_pain",
      "31212",
      { "My husband, 57, has a pressure in the chest, into the left arm, for half an hour, and it is still there. He is awake, "
        "breathes normally, grey, in a cold sweat. No allergy, no ulcer, we have aspirin.",
        "我丈夫57岁，胸口压着疼，疼到左胳膊，半个小时了，现在还疼。人清醒，呼吸正常，脸色发灰，出冷汗。不过敏，没有溃疡，家里有"
        "阿司匹林。" } },
    { PRIORITY_CRITICAL,
      CARE_CHEST_PAIN,
      "chest_pain",
      "311",
      { "I am 66. A terrible pain between the shoulder blades, tearing, from one second to the next. I am awake and breathe "
        "normally. I feel faint. My blood pressure is always high.",
        "我66岁，两个肩胛骨中间疼得要命，像撕裂一样，一下子就来了。我清醒，呼吸正常，觉得要晕。我血压一直高。" } },
    { PRIORITY_CRITICAL,
      CARE_STROKE,
      "stroke",
      "31111",
      { "My mother, 74, is awake, but her mouth hangs down on the right, her right arm sinks, and her words are slurred. An "
        "hour ago at breakfast she was well. No diabetes, no fit.",
        "我妈74岁，人清醒，可是右边嘴角歪了，右胳膊抬起来往下掉，说话不清楚。一个小时前吃早饭还好好的。没有糖尿病，没抽过。" } },
    { PRIORITY_CRITICAL,
      CARE_STROKE,
      "stroke",
      "22111",
      { "My neighbour is so drowsy, but he wakes when I call. His left arm does not move, his face is even, no word comes out. "
        "We talked two hours ago, then he was well.",
        "我邻居昏昏沉沉的，叫他能醒。左胳膊动不了，脸不歪，话说不出来。两个小时前我们还聊过天，那时候好好的。" } },
    { PRIORITY_CRITICAL,
      CARE_TRAUMA,
      "injury",
      "21121",
      { "A man fell from the scaffolding, four metres at least. He is awake but confused. He is pale. No blood to be seen, his "
        "back hurts.",
        "有个人从脚手架上掉下来了，至少四米高。人醒着，但是糊涂。脸色发白，没看到出血，他说后背疼。" } },
    { PRIORITY_CRITICAL,
      CARE_TRAUMA,
      "traffic",
      "332",
      { "A car hit a woman on the crossing at speed, she was thrown. Only she is hurt. No fire, no smoke. She is awake, but "
        "what she says makes no sense.",
        "斑马线上有个女的被车撞了，车速很快，人被撞飞了。只有她受伤。没着火，没冒烟。人醒着，但说话颠三倒四。" } },
    { PRIORITY_CRITICAL,
      CARE_TRAUMA,
      "bleeding",
      "211",
      { "My colleague cut into his thigh with the chain saw. The saw is off. He is awake. The blood spurts, there is a puddle.",
        "我同事用链锯锯到大腿了。锯已经关了。人清醒。血往外喷，地上一滩。" } },
    { PRIORITY_CRITICAL,
      CARE_MATERNITY,
      "childbirth",
      "431",
      { "My wife is eight and a half months pregnant and bleeds, more than in a period. I see nothing of the child, she need "
        "not push.",
        "我妻子怀孕八个半月，下面出血，比来月经还多。看不到孩子，她没有想用力的感觉。" } },
    { PRIORITY_CRITICAL,
      CARE_NEWBORN,
      "childbirth",
      "1",
      { "My wife is giving birth, here in the car! She must push, and I see the head.",
        "我妻子在车上要生了！她忍不住要用力，我看到头了。" } },
    { PRIORITY_CRITICAL,
      CARE_NEWBORN,
      "childbirth",
      "31",
      { "The child is born already, five minutes ago in the bathroom. It is limp and does not cry.",
        "孩子已经生下来了，五分钟前在卫生间生的。孩子软软的，不哭。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "breathing",
      "3292",
      { "My husband, 69, has bad lungs and oxygen at home. Since last night he only speaks in bits of sentences. He is awake, "
        "lips not blue, no sweat.",
        "我丈夫69岁，肺不好，家里吸氧。从昨晚起一句话要断成几截说。人清醒，嘴唇不紫，没出汗。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "allergy",
      "3221",
      { "I ate nuts half an hour ago. A rash is spreading fast all over me. I breathe well, I am not dizzy, I am awake. Once "
        "before I was in hospital for it.",
        "我半小时前吃了坚果，现在全身起疹子，越来越多。呼吸没事，头不晕，人清醒。以前有一次为这个住过院。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "poisoning",
      "4332",
      { "My daughter, 19, swallowed some twenty painkillers an hour ago. She is awake, answers, and cries. There is no gas or "
        "smoke. She is not drowsy.",
        "我女儿19岁，一个小时前吞了二十来片止痛药。人清醒，能回答，一直哭。没有煤气，没有烟。她不犯困。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "abdominal",
      "32431",
      { "My father, 60, has a belly hard as a board and cannot move for pain. He is awake, not pale, no sweat. No blood came.",
        "我爸60岁，肚子硬得像木板，疼得不敢动。人清醒，脸不白，没出汗。没有出血。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "diabetes",
      "22",
      { "My neighbour has diabetes. She is awake, but sweats and is confused and angry. She can drink.",
        "我邻居有糖尿病。人醒着，但是一身汗，糊里糊涂，还发脾气。她能喝水。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "seizure",
      "2221",
      { "My wife had a fit, two minutes, the first in her life. It has stopped. She breathes regularly, is awake again, but "
        "does not know where she is.",
        "我妻子抽了一次，两分钟，这辈子头一回。已经停了。呼吸均匀，人又醒了，可是不知道自己在哪儿。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "fever",
      "33321",
      { "Our baby is two months old and has 38.9. She is awake as always, her breathing is normal, no spots, and nobody around "
        "us is ill. She drinks less.",
        "我们的宝宝两个月，烧到38.9度。人跟平时一样醒着，呼吸正常，身上没有出血点，周围也没人生病。奶喝得少了。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "bleeding",
      "2711",
      { "My nose has been bleeding for half an hour, it pours. I am safe, at home. I take warfarin. I am not dizzy.",
        "我流鼻血半个小时了，哗哗地流。我在家，很安全。我吃华法林。头不晕。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "mental",
      "361",
      { "My brother says that he will kill himself tonight, and he has the tablets ready. He has not taken anything. He is "
        "calm, I am safe.",
        "我弟弟说今晚要自杀，药都准备好了。现在什么都没吃。他很平静，我是安全的。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "burn",
      "33332",
      { "My daughter, two, pulled a pot of hot water down. Chest and arm are red with blisters, about seven of her palms. We "
        "are away from the stove. She is awake and screams, no smoke.",
        "我女儿两岁，把一锅热水拉翻了。胸口和胳膊都红了，起了水泡，大概有她七个手掌大。我们已经离开灶台了。她醒着，一直哭叫，没"
        "有烟。" } },
    { PRIORITY_SEVERE,
      CARE_NONE,
      "fall",
      "34451",
      { "I found my mother, 84, on the floor, she has lain there since the night. She is awake as always, she tripped. Her head "
        "did not hit anything, nothing hurts, but she cannot get up.",
        "我发现我妈躺在地上，她84岁，从夜里躺到现在。人跟平时一样清醒，是绊倒的。头没碰着，哪儿都不疼，就是起不来。" } },
    { PRIORITY_SEVERE,
      CARE_CHEST_PAIN,
      "chest_pain",
      "32221",
      { "My wife, 61, has had a squeezing in the chest that comes and goes since the morning, up to the jaw. She is awake, "
        "breathes normally, no sweat. She must not take aspirin.",
        "我妻子61岁，从早上起胸口一阵一阵地发紧，疼到下巴。人清醒，呼吸正常，没出汗。她不能吃阿司匹林。" } },
    { PRIORITY_SEVERE,
      CARE_CHEST_PAIN,
      "abdominal",
      "3221",
      { "My uncle, 63, has pain in the upper belly, it presses up into the neck. He is awake, not pale. It began an hour ago "
        "and is still there. We have no aspirin.",
        "我舅舅63岁，上腹部疼，往上顶到脖子。人清醒，脸不白。一个小时前开始的，现在还疼。家里没有阿司匹林。" } },
    { PRIORITY_SEVERE,
      CARE_STROKE,
      "stroke",
      "31122",
      { "My father, 78, woke up with a crooked mouth and a weak left arm. He speaks clearly and is awake. When he went to bed "
        "at eleven he was well. No diabetes, no fit.",
        "我爸78岁，睡醒嘴就歪了，左胳膊没力气。说话清楚，人清醒。夜里十一点上床的时候还好好的。没有糖尿病，没抽过。" } },
    { PRIORITY_SEVERE,
      CARE_STROKE,
      "stroke",
      "32231",
      { "I had the worst headache of my life, all at once, half a day ago, and I see double since then. I am awake, I can lift "
        "both arms, my face is even, I speak well.",
        "我半天前突然头疼，这辈子最疼的一次，从那时候起看东西重影。我清醒，两只胳膊都抬得起来，脸不歪，说话清楚。" } },
    { PRIORITY_SEVERE,
      CARE_TRAUMA,
      "fall",
      "3442",
      { "My aunt, 81, slipped in the bathroom. She is awake as always, her head did not hit anything. Her hip hurts badly, one "
        "leg is short and turned out.",
        "我姑姑81岁，在浴室滑倒了。人跟平时一样清醒，头没碰着。髋部疼得厉害，一条腿短了，往外撇。" } },
    { PRIORITY_SEVERE,
      CARE_TRAUMA,
      "traffic",
      "3333221",
      { "A boy fell off his electric scooter. Nobody else is hurt, no fire. He is awake and clear, breathes well, no strong "
        "bleeding. His chest hurts on the right.",
        "有个男孩骑电动滑板车摔了。没有别人受伤，没着火。他清醒，说话明白，呼吸好，没有大出血。右边胸口疼。" } },
    { PRIORITY_SEVERE,
      CARE_MATERNITY,
      "childbirth",
      "4351",
      { "My wife is nine months pregnant, it is our second child. The pains come every four minutes. Nothing is seen, she need "
        "not push, no blood.",
        "我妻子怀孕九个月，第二胎。每四分钟疼一次。下面看不到什么，没有想用力的感觉，没出血。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "abdominal",
      "32632",
      { "I am 45 and have had kidney stones. Pain in the right side, in waves, and I have vomited twice. I am awake, not pale, "
        "no blood. I can walk about.",
        "我45岁，得过肾结石。右边疼，一阵一阵的，吐了两次。人清醒，脸不白，没有血。能走动。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "fever",
      "332253",
      { "My aunt, 70, has a fever and coughs. She is awake as always and breathes normally. Nobody near her was ill. No stiff "
        "neck, no spots. She drinks and stands, but shivers hard.",
        "我姨妈70岁，发烧、咳嗽。人跟平时一样清醒，呼吸正常。身边没人生病。脖子不硬，没有出血点。能喝水，能站，就是冷得直哆嗦"
        "。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "diabetes",
      "2323",
      { "My meter says 21. I am awake and clear, no fever, no vomiting, but so thirsty and weak.",
        "我的血糖仪显示21。我清醒，脑子明白，不发烧，没有吐，就是特别渴，没力气。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "fall",
      "344522",
      { "My mother, 82, tripped over the carpet half an hour ago. She is awake as always, head not hit, nothing hurts. We "
        "tried, but she does not get up.",
        "我妈82岁，半小时前被地毯绊倒了。人跟平时一样清醒，头没碰着，哪儿都不疼。我们扶了，她就是起不来。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "unknown",
      "4924431",
      { "I am 55. Since this morning I am so weak and dizzy that I cannot walk as on other days. I am not pale, I did not "
        "faint, no diabetes, no pain.",
        "我55岁，从今天早上起又没力气又头晕，没法像平时那样走路。脸不白，没有晕倒过，没有糖尿病，哪儿都不疼。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "mental",
      "36354",
      { "My daughter, 23, is full of fear, her heart pounds. It is the first time. No pain in the chest, she breathes well. She "
        "has not hurt herself and does not want to. We are safe.",
        "我女儿23岁，害怕得不得了，心怦怦跳。头一回这样。胸口不疼，呼吸没事。她没有伤害自己，也不想伤害自己。我们很安全。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "allergy",
      "3222",
      { "I took a new antibiotic, and for half an hour I have had an itching rash. It does not get worse. I am awake, breathe "
        "well, not dizzy, and I never had that before.",
        "我吃了一种新的抗生素，半小时了，身上起疹子发痒。没有变重。我清醒，呼吸没事，头不晕，以前从来没这样过。" } },
    { PRIORITY_URGENT,
      CARE_NONE,
      "bleeding",
      "213",
      { "I cut my hand on glass. I am safe. It oozes and has nearly stopped since I press a towel on it. I feel well.",
        "我的手被玻璃划破了。我很安全。血慢慢渗，我拿毛巾压着，差不多止住了。人感觉还好。" } },
    { PRIORITY_URGENT,
      CARE_MATERNITY,
      "childbirth",
      "4353",
      { "My waters broke, I am in the ninth month, my first child. Hardly any pains, no blood. I need not push.",
        "我羊水破了，怀孕九个月，头一胎。几乎不疼，没有出血。没有想用力的感觉。" } },
    { PRIORITY_URGENT,
      CARE_TRAUMA,
      "injury",
      "372262",
      { "My son, 14, fell in the skating hall. He is awake and clear, breathes well, not pale, no blood. His wrist is crooked.",
        "我儿子14岁，在溜冰场摔了。清醒，脑子明白，呼吸没事，脸不白，没有出血。手腕歪了。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "injury",
      "372263",
      { "I twisted my ankle at football. I am awake, well, no blood. It is thick but straight, and I can stand on it a little. "
        "Nobody can drive me.",
        "我踢球把脚踝扭了。我清醒，没别的事，没出血。肿了，但没变形，能稍微站一站。没人能送我去医院。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "injury",
      "364",
      { "The neighbour's dog bit me in the hand. The dog is locked in. It bleeds a little. I am awake and well.",
        "邻居家的狗咬了我的手。狗已经关起来了。出了一点血。我清醒，人没事。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "fever",
      "333223",
      { "My daughter, four, has had 38.8 since last night. She is awake as always, breathes normally, drinks and plays. No "
        "spots, no stiff neck, nobody near us is ill.",
        "我女儿四岁，从昨晚起烧到38.8度。人跟平时一样，呼吸正常，能喝水，还在玩。没有出血点，脖子不硬，身边没人生病。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "abdominal",
      "329332",
      { "I think I ate something bad. I have vomited twice, my belly aches here and there, but I can bear it and walk. I am "
        "awake, not pale, no blood. I am a man of 28.",
        "我大概吃坏了东西，吐了两次，肚子这儿疼那儿疼，忍得住，也能走。我清醒，脸不白，没有血。我是男的，28岁。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "bleeding",
      "2712",
      { "My nose bleeds, for ten minutes now, not very much. I am safe. I take no medicine and did not hit my head.",
        "我流鼻血，十分钟了，不算多。我很安全。没有吃药，头也没碰过。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "unknown",
      "49244332",
      { "I am 72 and have been tired for weeks. Today is no different, I walk about as always. Not pale, no pain, I did not "
        "faint, no diabetes. I would like somebody to have a look.",
        "我72岁，好几个星期都觉得累，今天也一样，照常走动。脸不白，哪儿都不疼，没有晕倒，没有糖尿病。就想找人来看看。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "mental",
      "3636",
      { "I cannot sleep, I am so sad since my wife died, and quite alone. I have not hurt myself and I do not want to die. I am "
        "safe.",
        "我睡不着，妻子去世以后我一直很难过，就我一个人。我没有伤害自己，也不想死。我很安全。" } },
    { PRIORITY_NON_URGENT,
      CARE_NONE,
      "poisoning",
      "4373",
      { "My friend has drunk too much. There is no gas or anything. He is awake, wakes at once when I call and answers. He has "
        "not fallen and has taken nothing else.",
        "我朋友酒喝多了。没有煤气什么的。人清醒，一叫就醒，能回答。没有摔过，也没吃别的东西。" } },
};
enum { STORY_COUNT = sizeof STORIES / sizeof STORIES[0] };

static const char *const SECONDS[][EXERCISE_LANGUAGE_COUNT] = {
    { "I am driving past. Somebody needs help here; others may have called already. I do not know more.",
      "我开车路过，这里有人需要帮忙，可能已经有人打过电话了。别的我不清楚。" },
    { "I see people around somebody on the ground and have heard a cry. Is an ambulance coming?",
      "我看到一群人围着一个倒在地上的人，还听到有人喊。救护车来了吗？" },
};
static const char *const ADVICE[][EXERCISE_LANGUAGE_COUNT] = {
    { "Which pharmacy is open tonight? Nobody is ill, I only need the tablets for tomorrow.",
      "今晚哪家药店开门？没有人不舒服，我只是要买明天吃的药。" },
    { "My boy, six, swallowed a cherry stone an hour ago. He is well, plays and eats. Must I do anything?",
      "我儿子六岁，一个小时前吞了一颗樱桃核。他没事，照样玩、照样吃。我要做什么吗？" },
    { "I have had a cold for three days, 37.8. May I take paracetamol with it? I do not need an ambulance.",
      "我感冒三天了，37.8度，能吃对乙酰氨基酚吗？我不需要救护车。" },
};
static const char *const MISTAKES[][EXERCISE_LANGUAGE_COUNT] = {
    { "Sorry, the telephone called by itself, in my pocket. Nothing has happened.",
      "不好意思，手机在口袋里自己拨出去了。没有出什么事。" },
    { "It is over: he only stumbled and is up again. We need nobody.", "没事了，他只是绊了一下，已经站起来了。不用来人。" },
};

uint32_t story_count(void) { return STORY_COUNT; }

const struct exercise_story *story_at(uint32_t index)
{
    CHECK(index < STORY_COUNT);
    return &STORIES[index];
}

static bool fits(const struct exercise_story *story, const struct call_truth *truth, uint8_t care)
{
    return story->priority == (enum priority)truth->priority && story->care == care;
}

/* NULL: there is none. */
static const struct exercise_story *pick(const struct call_truth *truth, uint8_t care)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < STORY_COUNT; i++) {
        count += fits(&STORIES[i], truth, care);
    }
    for (uint32_t i = 0, seen = 0; i < STORY_COUNT; i++) {
        if (fits(&STORIES[i], truth, care) && seen++ == truth->number % count) {
            return &STORIES[i];
        }
    }
    return NULL;
}

const struct exercise_story *story_of(const struct call_truth *truth)
{
    const struct exercise_story *story = pick(truth, truth->need);
    story = story != NULL ? story : pick(truth, CARE_NONE);
    CHECK(story != NULL); /* every priority has some without a need */
    return story;
}

const char *story_aside(enum call_kind kind, uint64_t number, enum exercise_language language)
{
    switch (kind) {
    case CALL_SECOND: return SECONDS[number % ARRAY_LENGTH(SECONDS)][language];
    case CALL_ADVICE: return ADVICE[number % ARRAY_LENGTH(ADVICE)][language];
    case CALL_GIVES_UP: return MISTAKES[number % ARRAY_LENGTH(MISTAKES)][language];
    case CALL_NEEDS_UNIT:
    case CALL_UNKNOWN:
    case CALL_KIND_COUNT: break;
    }
    return NULL;
}
