"""Deterministic log workload: an nginx front, five services, host and trace attributes. Usage: genlogs.py ROWS OUT [SEED] [START_MS]"""
import sys, json, random, hashlib
rows=int(sys.argv[1]); out=open(sys.argv[2],'w'); rnd=random.Random(int(sys.argv[3]) if len(sys.argv)>3 else 7)
services=['checkout','catalog','auth','payments','search']; hosts=[f'ip-10-0-{a}-{b}' for a in range(4) for b in range(10,20)]
envs=['prod']*8+['staging']*2
paths=['/','/login','/cart','/checkout','/api/v1/items','/api/v1/items/{}','/api/v1/users/{}/orders','/static/app.{}.js','/health']
uas=['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36','Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15','curl/8.6.0','python-requests/2.32.3','kube-probe/1.29']
def hexs(n): return '%0*x'%(n,rnd.getrandbits(4*n))
t=int(sys.argv[4]) if len(sys.argv)>4 else 1_763_600_000_000
for i in range(rows):
    t+=rnd.choice((0,0,1,1,2,3,9))
    h=rnd.choice(hosts); env=rnd.choice(envs)
    k=rnd.random()
    d={'timestamp':t,'hostname':h,'env':env}
    if k<0.55:
        p=rnd.choice(paths).format(rnd.randint(1,50000)); st=rnd.choices([200,201,204,301,304,400,401,404,429,500,502,503],[70,3,3,2,8,2,2,5,1,2,1,1])[0]
        ip=f'{rnd.randint(1,223)}.{rnd.randint(0,255)}.{rnd.randint(0,255)}.{rnd.randint(1,254)}'; by=rnd.randint(180,48000); dur=round(rnd.lognormvariate(-3.2,1.1),4)
        ua=rnd.choice(uas); m=rnd.choices(['GET','POST','PUT','DELETE'],[80,15,3,2])[0]
        d.update(service='nginx',status='error' if st>=500 else 'warn' if st>=400 else 'info',http={'method':m,'status_code':st,'url':p,'useragent':ua},network={'client_ip':ip,'bytes_written':by},duration=dur)
        d['message']=f'{ip} - - "{m} {p} HTTP/1.1" {st} {by} "-" "{ua}" {dur}'
    else:
        s=rnd.choice(services); tid=hexs(32); sp=hexs(16); lvl=rnd.choices(['debug','info','warn','error'],[20,65,10,5])[0]
        uid=rnd.randint(1,200000); oid=rnd.randint(10**6,10**7)
        msg={'debug':f'cache lookup key=user:{uid}:cart hit={rnd.choice(["true","false"])} took={rnd.randint(1,900)}us',
             'info':rnd.choice([f'order {oid} placed by user {uid} total={rnd.randint(100,99999)/100}',f'user {uid} authenticated via {rnd.choice(["password","oidc","token"])}',f'reindexed {rnd.randint(1,500)} documents in {rnd.randint(5,900)}ms',f'published event order.created id={hexs(8)}-{hexs(4)}-{hexs(4)}-{hexs(4)}-{hexs(12)} to topic orders partition={rnd.randint(0,31)}']),
             'warn':rnd.choice([f'retrying request to payments attempt={rnd.randint(2,5)} backoff={rnd.choice([100,200,400,800])}ms',f'slow query took {rnd.randint(500,9000)}ms rows={rnd.randint(1,100000)}']),
             'error':rnd.choice([f'failed to charge card for order {oid}: gateway timeout after {rnd.randint(1000,30000)}ms',f'panic recovered: index out of range [{rnd.randint(0,99)}] with length {rnd.randint(0,99)}',f'connection refused dialing 10.0.{rnd.randint(0,3)}.{rnd.randint(10,19)}:5432'])}[lvl]
        d.update(service=s,status=lvl,dd={'trace_id':tid,'span_id':sp},usr={'id':uid},thread=f'worker-{rnd.randint(0,15)}',version=rnd.choice(['1.4.2','1.4.3']))
        d['message']=msg
    out.write(json.dumps(d,separators=(',',':'))+'\n')
