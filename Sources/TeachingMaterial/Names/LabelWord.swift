/// The words of labels, in the languages that diagrams are written in.
enum LabelWord: Hashable, Sendable {
    case flags(SegmentWords)
    case receive, send
    /// "ACKs": sends an ACK of what follows.
    case acknowledges
    /// "FIN acknowledged"
    case acknowledged
    case of, and, or
    case open, active, passive, connect, listen, close, abort, accept, timeout, user, msl
    case peer, own, somebody
    case condition, immediately, simultaneous, icmp, retries
    /// Punctuation that means something: `/ \n ; → | , + & ( ) [ ] ? !`
    case mark(Character)
    case number(Double)
    case seconds, minutes
    case other

    /// Whole words in Latin letters, folded to lower case.
    static let words: [String: LabelWord] = {
        var words: [String: LabelWord] = [:]
        func add(_ meaning: LabelWord, _ list: String) {
            for word in list.split(separator: " ") { words[String(word)] = meaning }
        }
        add(.flags(.syn), "syn syns")
        add(.flags(.ack), "ack")
        add(.flags(.fin), "fin fins")
        add(.flags(.rst), "rst rsts")
        add(.flags([.syn, .ack]), "synack acksyn")
        add(.flags([.fin, .ack]), "finack ackfin")
        add(.flags([.rst, .ack]), "rstack")
        add(.flags(.data), "data rdata daten datos dados données donnees")
        add(
            .receive,
            """
            rcv recv rcvd recvd receive receives received receiving receipt get gets got arrive arrives arrived \
            arrival \
            incoming rx in reception reçoit reçu recu recoit recevoir réception empfängt empfangen empfang erhalten \
            erhält recibe recibir recibido recibo recepción recebe receber recebido recebimento ontvang \
            получен получает получить получено получение принят приём прием
            """)
        add(
            .send,
            """
            snd send sends sent sending reply replies respond responds response answer transmit transmits tx output \
            emit \
            emits out sendet senden gesendet sende schickt envía envia enviar enviado envoie envoyer envoi envoyé \
            manda \
            responde répond antwortet отправить отправляет отправка отправлен послать посылает отправлено отвечает ответ
            """)
        add(.acknowledges, "acks acknowledges bestätigt")
        add(
            .acknowledged,
            "acked acknowledged ackd confirmed bestätigt acquitté reconocido confirmado подтвержден подтверждён")
        add(.of, "of for to on from de von du des für auf para del da do на от")
        add(.and, "and und y e et и then")
        add(.or, "or oder o ou или")
        add(.open, "open opens opened opening abertura apertura ouverture öffnen открытие")
        add(.active, "active actively activa activo ativa ativo aktiv aktives активное активный")
        add(.passive, "passive passively pasiva pasivo passiva passivo passiv passives пассивное пассивный")
        add(.connect, "connect connects")
        add(.listen, "listen listens bind")
        add(
            .close,
            """
            close closes closed closing shutdown cierre cerrar fermeture fermer schließen schliessen fechar fechamento \
            закрытие закрыть disconnect terminate
            """)
        add(.abort, "abort aborts aborted")
        add(.accept, "accept accepts read write receivedata")
        add(
            .timeout,
            """
            timeout timeouts timer elapsed elapse elapses expire expires expired expiry timed wait tiempo ablauf \
            таймаут \
            тайм delay
            """)
        add(.user, "user app appl application applikation aplicación aplicação")
        add(.msl, "2msl msl 2xmsl")
        add(.peer, "peer remote other partner opposite foreign far remoto remota entfernt entferntes")
        add(.own, "local own our we self lokal us")
        add(
            .somebody,
            "client server host a b initiator responder sender receiver cliente servidor серверa сервер клиент")
        add(.condition, "if when note passive-origin was came wenn si если only")
        add(.immediately, "immediate immediately instantly sofort inmediatamente imediatamente immédiatement")
        add(.simultaneous, "simultaneous simultaneously crossing")
        add(.icmp, "icmp unreachable")
        add(.retries, "retries retry retransmits retransmissions r2 exceeded attempts")
        add(.seconds, "s sec secs second seconds segundos sekunden secondes")
        add(.minutes, "min mins minute minutes minuten minutos")
        return words
    }()

    /// Words in scripts without blanks, and stems of those that are glued to endings; longer ones first.
    static let stems: [(String, LabelWord)] = {
        let list: [(LabelWord, String)] = [
            (.receive, "收到 接收到 接收 接到 受信 受け取 수신 받 استقبال استلام يستقبل تلقي"),
            (.send, "发送 发出 發送 回复 回應 返回 回送 送信 返信 応答 送る 송신 전송 보내 보낸 응답 إرسال ارسال يرسل"),
            (.acknowledged, "被确认 已确认 확인됨"),
            (.timeout, "超时 超時 到期 计时 タイムアウト 타임아웃 시간초과 만료 经过 等待 انتهاء"),
            (.close, "关闭 關閉 クローズ 닫기 종료 닫 إغلاق اغلاق закры"),
            (.open, "打开 開啟 オープン 열기 개방 открыт فتح"),
            (.active, "主动 主動 アクティブ 능동 активн نشط"),
            (.passive, "被动 被動 パッシブ 수동 пассивн سلبي"),
            (.listen, "监听 監聽 侦听 bind()"),
            (.connect, "连接 連線 接続 접속"),
            (.peer, "对方 对端 對方 對端 相手 상대 원격"),
            (.somebody, "客户端 服务器 服务端 服务器端 客戶端 伺服器 クライアント サーバ 클라이언트 서버"),
            (.simultaneous, "同时 同時 동시"),
            (.or, "或 または 또는"),
            (.and, "并 且 和 と 및"),
            (.flags(.data), "数据 數據 データ 데이터"),
        ]
        return list.flatMap { meaning, words in words.split(separator: " ").map { (String($0), meaning) } }
            .sorted { $0.0.utf8.count > $1.0.utf8.count }
    }()
}
