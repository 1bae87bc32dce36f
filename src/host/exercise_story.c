/* Some sixty stories, chosen by a walk through the table: one call in a few seconds. */
#include "host/exercise_story.h"

#include "base/check.h"

/* exercise_story_test.c holds each against its protocol: the answers that it gives lead to the priority and the need here. */
static const struct exercise_story STORIES[] = {
    { PRIORITY_CRITICAL, CARE_NONE, "arrest",
      "My father, 64, fell down in the kitchen. I shake him and shout, he does not react. He breathes strangely, a gasp now and "
      "then, like snoring. I am alone with him." },
    { PRIORITY_CRITICAL, CARE_NONE, "arrest",
      "A man sank down at the tram stop, perhaps 50. He does not answer. I am not sure whether he breathes. There are several of "
      "us, and there is an AED in the pharmacy." },
    { PRIORITY_CRITICAL, CARE_NONE, "choking",
      "My husband, 58, has a piece of meat stuck. He is awake, holds his throat, and cannot speak or cough, no sound comes." },
    { PRIORITY_CRITICAL, CARE_NONE, "allergy",
      "A wasp stung my wife ten minutes ago. She is awake, but her tongue is swelling, she is hoarse and gets hardly any air. "
      "She "
      "has an adrenaline pen in her bag." },
    { PRIORITY_CRITICAL, CARE_NONE, "breathing",
      "My mother, 71, has asthma. She is awake, but she gets out one word at a time, and her lips are turning blue." },
    { PRIORITY_CRITICAL, CARE_NONE, "seizure",
      "My brother, 30, is twitching all over, now, for more than five minutes, and it does not stop. He has epilepsy." },
    { PRIORITY_CRITICAL, CARE_NONE, "poisoning",
      "We had a charcoal grill in the flat because the heating is off. Two of us have a headache and feel sick, and my flatmate "
      "is "
      "hard to wake and talks nonsense. We can get out." },
    { PRIORITY_CRITICAL, CARE_NONE, "drowning",
      "We pulled a man of about 40 out of the lake. He is out of the water. He is not awake, and I see no breathing." },
    { PRIORITY_CRITICAL, CARE_NONE, "fever",
      "My grandmother, 80, has had a fever since yesterday. Now she is awake but confused, breathes fast, and her skin is cold "
      "and "
      "mottled." },
    { PRIORITY_CRITICAL, CARE_NONE, "abdominal",
      "My father, 68, has pain in the belly and through to the back. It came all at once and tears. He is awake, pale, in a cold "
      "sweat." },
    { PRIORITY_CRITICAL, CARE_CHEST_PAIN, "chest_pain",
      "My husband, 57, has a pressure in the chest, into the left arm, for half an hour, and it is still there. He is awake, "
      "breathes normally, grey, in a cold sweat. No allergy, no ulcer, we have aspirin." },
    { PRIORITY_CRITICAL, CARE_CHEST_PAIN, "chest_pain",
      "I am 66. A terrible pain between the shoulder blades, tearing, from one second to the next. I am awake and breathe "
      "normally. I feel faint. My blood pressure is always high." },
    { PRIORITY_CRITICAL, CARE_STROKE, "stroke",
      "My mother, 74, is awake, but her mouth hangs down on the right, her right arm sinks, and her words are slurred. An hour "
      "ago "
      "at breakfast she was well. No diabetes, no fit." },
    { PRIORITY_CRITICAL, CARE_STROKE, "stroke",
      "My neighbour is so drowsy, but he wakes when I call. His left arm does not move, his face is even, no word comes out. We "
      "talked two hours ago, then he was well." },
    { PRIORITY_CRITICAL, CARE_TRAUMA, "injury",
      "A man fell from the scaffolding, four metres at least. He is awake but confused. He is pale. No blood to be seen, his "
      "back "
      "hurts." },
    { PRIORITY_CRITICAL, CARE_TRAUMA, "traffic",
      "A car hit a woman on the crossing at speed, she was thrown. Only she is hurt. No fire, no smoke. She is awake, but what "
      "she "
      "says makes no sense." },
    { PRIORITY_CRITICAL, CARE_TRAUMA, "bleeding",
      "My colleague cut into his thigh with the chain saw. The saw is off. He is awake. The blood spurts, there is a puddle." },
    { PRIORITY_CRITICAL, CARE_MATERNITY, "childbirth",
      "My wife is eight and a half months pregnant and bleeds, more than in a period. I see nothing of the child, she need not "
      "push." },
    { PRIORITY_CRITICAL, CARE_NEWBORN, "childbirth",
      "My wife is giving birth, here in the car! She must push, and I see the head." },
    { PRIORITY_CRITICAL, CARE_NEWBORN, "childbirth",
      "The child is born already, five minutes ago in the bathroom. It is limp and does not cry." },
    { PRIORITY_SEVERE, CARE_NONE, "breathing",
      "My husband, 69, has bad lungs and oxygen at home. Since last night he only speaks in bits of sentences. He is awake, lips "
      "not blue, no sweat." },
    { PRIORITY_SEVERE, CARE_NONE, "allergy",
      "I ate nuts half an hour ago. A rash is spreading fast all over me. I breathe well, I am not dizzy, I am awake. Once "
      "before "
      "I was in hospital for it." },
    { PRIORITY_SEVERE, CARE_NONE, "poisoning",
      "My daughter, 19, swallowed some twenty painkillers an hour ago. She is awake, answers, and cries. There is no gas or "
      "smoke. "
      "She is not drowsy." },
    { PRIORITY_SEVERE, CARE_NONE, "abdominal",
      "My father, 60, has a belly hard as a board and cannot move for pain. He is awake, not pale, no sweat. No blood came." },
    { PRIORITY_SEVERE, CARE_NONE, "diabetes",
      "My neighbour has diabetes. She is awake, but sweats and is confused and angry. She can drink." },
    { PRIORITY_SEVERE, CARE_NONE, "seizure",
      "My wife had a fit, two minutes, the first in her life. It has stopped. She breathes regularly, is awake again, but does "
      "not "
      "know where she is." },
    { PRIORITY_SEVERE, CARE_NONE, "fever",
      "Our baby is two months old and has 38.9. She is awake as always, her breathing is normal, no spots, and nobody around us "
      "is "
      "ill. She drinks less." },
    { PRIORITY_SEVERE, CARE_NONE, "bleeding",
      "My nose has been bleeding for half an hour, it pours. I am safe, at home. I take warfarin. I am not dizzy." },
    { PRIORITY_SEVERE, CARE_NONE, "mental",
      "My brother says that he will kill himself tonight, and he has the tablets ready. He has not taken anything. He is calm, I "
      "am safe." },
    { PRIORITY_SEVERE, CARE_NONE, "burn",
      "My daughter, two, pulled a pot of hot water down. Chest and arm are red with blisters, about seven of her palms. We are "
      "away "
      "from the stove. She is awake and screams, no smoke." },
    { PRIORITY_SEVERE, CARE_NONE, "fall",
      "I found my mother, 84, on the floor, she has lain there since the night. She is awake as always, she tripped. Her head "
      "did "
      "not hit anything, nothing hurts, but she cannot get up." },
    { PRIORITY_SEVERE, CARE_CHEST_PAIN, "chest_pain",
      "My wife, 61, has had a squeezing in the chest that comes and goes since the morning, up to the jaw. She is awake, "
      "breathes "
      "normally, no sweat. She must not take aspirin." },
    { PRIORITY_SEVERE, CARE_CHEST_PAIN, "abdominal",
      "My uncle, 63, has pain in the upper belly, it presses up into the neck. He is awake, not pale. It began an hour ago and "
      "is "
      "still there. We have no aspirin." },
    { PRIORITY_SEVERE, CARE_STROKE, "stroke",
      "My father, 78, woke up with a crooked mouth and a weak left arm. He speaks clearly and is awake. When he went to bed at "
      "eleven he was well. No diabetes, no fit." },
    { PRIORITY_SEVERE, CARE_STROKE, "stroke",
      "I had the worst headache of my life, all at once, half a day ago, and I see double since then. I am awake, I can lift "
      "both "
      "arms, my face is even, I speak well." },
    { PRIORITY_SEVERE, CARE_TRAUMA, "fall",
      "My aunt, 81, slipped in the bathroom. She is awake as always, her head did not hit anything. Her hip hurts badly, one leg "
      "is short and turned out." },
    { PRIORITY_SEVERE, CARE_TRAUMA, "traffic",
      "A boy fell off his electric scooter. Nobody else is hurt, no fire. He is awake and clear, breathes well, no strong "
      "bleeding. "
      "His chest hurts on the right." },
    { PRIORITY_SEVERE, CARE_MATERNITY, "childbirth",
      "My wife is nine months pregnant, it is our second child. The pains come every four minutes. Nothing is seen, she need not "
      "push, no blood." },
    { PRIORITY_URGENT, CARE_NONE, "abdominal",
      "I am 45 and have had kidney stones. Pain in the right side, in waves, and I have vomited twice. I am awake, not pale, no "
      "blood. I can walk about." },
    { PRIORITY_URGENT, CARE_NONE, "fever",
      "My aunt, 70, has a fever and coughs. She is awake as always and breathes normally. Nobody near her was ill. No stiff "
      "neck, "
      "no spots. She drinks and stands, but shivers hard." },
    { PRIORITY_URGENT, CARE_NONE, "diabetes",
      "My meter says 21. I am awake and clear, no fever, no vomiting, but so thirsty and weak." },
    { PRIORITY_URGENT, CARE_NONE, "fall",
      "My mother, 82, tripped over the carpet half an hour ago. She is awake as always, head not hit, nothing hurts. We tried, "
      "but "
      "she does not get up." },
    { PRIORITY_URGENT, CARE_NONE, "unknown",
      "I am 55. Since this morning I am so weak and dizzy that I cannot walk as on other days. I am not pale, I did not faint, "
      "no "
      "diabetes, no pain." },
    { PRIORITY_URGENT, CARE_NONE, "mental",
      "My daughter, 23, is full of fear, her heart pounds. It is the first time. No pain in the chest, she breathes well. She "
      "has "
      "not hurt herself and does not want to. We are safe." },
    { PRIORITY_URGENT, CARE_NONE, "allergy",
      "I took a new antibiotic, and for half an hour I have had an itching rash. It does not get worse. I am awake, breathe "
      "well, "
      "not dizzy, and I never had that before." },
    { PRIORITY_URGENT, CARE_NONE, "bleeding",
      "I cut my hand on glass. I am safe. It oozes and has nearly stopped since I press a towel on it. I feel well." },
    { PRIORITY_URGENT, CARE_MATERNITY, "childbirth",
      "My waters broke, I am in the ninth month, my first child. Hardly any pains, no blood. I need not push." },
    { PRIORITY_URGENT, CARE_TRAUMA, "injury",
      "My son, 14, fell in the skating hall. He is awake and clear, breathes well, not pale, no blood. His wrist is crooked." },
    { PRIORITY_NON_URGENT, CARE_NONE, "injury",
      "I twisted my ankle at football. I am awake, well, no blood. It is thick but straight, and I can stand on it a little. "
      "Nobody "
      "can drive me." },
    { PRIORITY_NON_URGENT, CARE_NONE, "injury",
      "The neighbour's dog bit me in the hand. The dog is locked in. It bleeds a little. I am awake and well." },
    { PRIORITY_NON_URGENT, CARE_NONE, "fever",
      "My daughter, four, has had 38.8 since last night. She is awake as always, breathes normally, drinks and plays. No spots, "
      "no "
      "stiff neck, nobody near us is ill." },
    { PRIORITY_NON_URGENT, CARE_NONE, "abdominal",
      "I think I ate something bad. I have vomited twice, my belly aches here and there, but I can bear it and walk. I am awake, "
      "not pale, no blood. I am a man of 28." },
    { PRIORITY_NON_URGENT, CARE_NONE, "bleeding",
      "My nose bleeds, for ten minutes now, not very much. I am safe. I take no medicine and did not hit my head." },
    { PRIORITY_NON_URGENT, CARE_NONE, "unknown",
      "I am 72 and have been tired for weeks. Today is no different, I walk about as always. Not pale, no pain, I did not faint, "
      "no diabetes. I would like somebody to have a look." },
    { PRIORITY_NON_URGENT, CARE_NONE, "mental",
      "I cannot sleep, I am so sad since my wife died, and quite alone. I have not hurt myself and I do not want to die. I am "
      "safe." },
    { PRIORITY_NON_URGENT, CARE_NONE, "poisoning",
      "My friend has drunk too much. There is no gas or anything. He is awake, wakes at once when I call and answers. He has not "
      "fallen and has taken nothing else." },
};
enum { STORY_COUNT = sizeof STORIES / sizeof STORIES[0] };

static const char *const SECONDS[] = {
    "I am driving past. Somebody needs help here; others may have called already. I do not know more.",
    "I see people around somebody on the ground and have heard a cry. Is an ambulance coming?",
};
static const char *const ADVICE[] = {
    "Which pharmacy is open tonight? Nobody is ill, I only need the tablets for tomorrow.",
    "My boy, six, swallowed a cherry stone an hour ago. He is well, plays and eats. Must I do anything?",
    "I have had a cold for three days, 37.8. May I take paracetamol with it? I do not need an ambulance.",
};
static const char *const MISTAKES[] = {
    "Sorry, the telephone called by itself, in my pocket. Nothing has happened.",
    "It is over: he only stumbled and is up again. We need nobody.",
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

const char *story_aside(enum call_kind kind, uint64_t number)
{
    switch (kind) {
    case CALL_SECOND: return SECONDS[number % (sizeof SECONDS / sizeof SECONDS[0])];
    case CALL_ADVICE: return ADVICE[number % (sizeof ADVICE / sizeof ADVICE[0])];
    case CALL_GIVES_UP: return MISTAKES[number % (sizeof MISTAKES / sizeof MISTAKES[0])];
    case CALL_NEEDS_UNIT:
    case CALL_UNKNOWN:
    case CALL_KIND_COUNT: break;
    }
    return NULL;
}
