package meter
import ("testing";"context";"fmt";"time";"runtime";"runtime/debug")
func TestDeep(t *testing.T){
 p,m:=pair(t,goGuest(t),Options{MemoryPages:4096}); ctx:=context.Background()
 var ms runtime.MemStats
 for _,n:=range []uint64{1000,10000,50000,100000,200000,400000,800000} {
  for i,g:=range []*guest{p,m} {
  runtime.ReadMemStats(&ms); a0:=ms.TotalAlloc
  t0:=time.Now(); r,err:=g.ExportedFunction("deep").Call(ctx,n); d:=time.Since(t0)
  runtime.ReadMemStats(&ms)
  e:=""; if err!=nil {e=err.Error(); if len(e)>90{e=e[:90]}}
  fmt.Println(i,n,r,e,d,"alloc KB",(ms.TotalAlloc-a0)>>10, "heap",ms.HeapInuse>>20, "mem pages", g.Memory().Size()>>16)
  if err!=nil {return}
 }}
}
func TestInf(t *testing.T){
 b:=(&build{funcs:[]fn{{code:callTo(0)},{params:asm{typeI32},results:asm{typeI32},code:code(get(0),opI32Eqz,opIf,asm{typeI32},i32(0),opElse,get(0),i32(1),opI32Sub,callTo(1),i32(1),opI32Add,opEnd)}}}).bytes()
 p,m:=pair(t,b,Options{})
 var ms runtime.MemStats
 for i,g:=range []*guest{p,m,p,m} {
  runtime.GC(); runtime.ReadMemStats(&ms); h0:=ms.HeapInuse; a0:=ms.TotalAlloc
  t0:=time.Now(); _,err:=g.ExportedFunction("f0").Call(context.Background()); d:=time.Since(t0)
  runtime.ReadMemStats(&ms)
  fmt.Println(i,d,"total alloc MB",(ms.TotalAlloc-a0)>>20,"heap before",h0>>20,"after",ms.HeapInuse>>20, len(err.Error()))
  runtime.GC(); debug.FreeOSMemory(); runtime.ReadMemStats(&ms); fmt.Println("  after gc",ms.HeapInuse>>20, "sys", (ms.HeapSys-ms.HeapReleased)>>20)
 }
 lo,hi:=1000,3000000
 for hi-lo>1000 { mid:=(lo+hi)/2; if _,err:=p.ExportedFunction("f1").Call(context.Background(),uint64(mid)); err!=nil {hi=mid} else {lo=mid} }
 fmt.Println("f1 depth",lo)
}
