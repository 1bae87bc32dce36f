#!/bin/sh
# What to open and to try in the demonstration. usage: guide.sh ADDRESS SPEED LANGUAGE SERVER-PROCESS
set -eu

english() {
    cat <<TEXT

==================================================================

    Open in a browser:    $1/

==================================================================

Gothenburg lives, at $2 times the speed of real time. Nothing of it is real.
Click on "Start here": the screen leads you. In about a minute you have answered a call, sent an ambulance and seen it arrive.

Then be several people: each in a window of its own (another browser, or a private window). Click on who you are:
  1. Anna answers calls; David sends units: what Anna hands over waits for David to accept.
  2. The crew of his-1, in a window as narrow as a phone: take the unit, and let David send it. Sahlgrenska: who is coming?
  3. Karin has the command wall and the map, Quentin looks into what has happened, the administrator changes what there is.
And kill the server:  kill -9 $4   It is started again; the windows come back by themselves, and nothing is lost.

The password, should it be asked for, is only-an-exercise-120. The same with curl: ./run demo --curl. More: docs/exercise.md.
TEXT
}

chinese() {
    cat <<TEXT

==================================================================

    请在浏览器中打开：    $1/

==================================================================

哥德堡正在运转，时间是真实的 $2 倍快。这里的一切都不是真的。
请选最前面标着「从这里开始」的一项：屏幕会一步一步带着您。大约一分钟，您就接了一个电话，派出了救护车，并看着它到达。

然后试试几个人一起：每个人一个窗口（另一个浏览器，或无痕窗口），点一下您是谁：
  1. 安娜（anna）受理呼叫；大卫（david）调度：安娜移交的事件等着大卫接受。
  2. his-1 车组，窗口缩到手机那么窄：接管车组，让大卫派它出车。Sahlgrenska 医院：谁正在送来？
  3. 卡琳（karin）看指挥大屏和地图，昆廷（quentin）回看发生过的事，管理员（admin）修改人员和车组。
再把服务器杀掉：kill -9 $4   它会重新启动，各窗口自己恢复，什么都不会丢。

如果要密码：only-an-exercise-120。用 curl 做同样的事：./run demo --curl。更多：docs/exercise.md。
TEXT
}

case $3 in
zh) chinese "$@" ;;
*) english "$@" ;;
esac
